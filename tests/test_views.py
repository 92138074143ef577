"""Lines and tables: columns, widths, colours, times, hexadecimal digits."""

import csv
import io
import json
import re
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.capture.segments import Capture
from dissect.config import COLOR_RULES, ColorRule, Config
from dissect.node import Node
from dissect.query import Column, QueryError
from dissect.reading import Reading
from dissect.spans import Span
from dissect.views import listing, text
from dissect.views.hexdump import dump
from dissect.views.paint import RESET, Painter
from dissect.views.table import Head, cut_cells, fill, lay_out, measure_cells
from dissect.views.times import make_clock
from tests import build
from tests.conftest import BUILT, RECORDED, ROOT, open_bytes
from tests.outcome import run
from tests.trees import Bytes

STORE = ROOT / "captures" / "c-store.pcap"
REFUSED = ROOT / "captures" / "c-store-refused.pcap"
WORKLIST = ROOT / "captures" / "c-find-worklist.pcap"


def read(path: object = STORE) -> tuple[Reading, Capture]:
    """Begin to read a capture."""
    capture = Capture(str(path))
    return Reading(capture, Config()), capture


# Tables


@given(st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), max_size=5), st.integers(20, 80))
def test_no_line_of_a_table_is_wider_than_it_may_be(rows: list[list[str]], width: int) -> None:
    heads = [Head("One", flexible=True), Head("Two", ">", flexible=True), Head("Three", flexible=True)]
    for line in lay_out(heads, rows, max(width, 3 * 8 + 4)):
        assert measure_cells(line) <= max(width, 3 * 8 + 4)


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    lines = list(lay_out([Head("No", ">"), Head("Name")], [["1", "a"], ["100", "b c"]]))
    assert lines == [" No  Name", "  1  a", "100  b c"]


def test_wide_letters_take_two_cells() -> None:
    assert measure_cells("山田") == 4
    assert cut_cells("山田太郎", 5) == "山田…"
    assert fill("山", 4) + "|" == "山  |"


def test_what_a_capture_says_does_not_reach_a_table_unescaped() -> None:
    [_, line] = lay_out([Head("Name")], [["\x1b[31m\n"]])
    assert line == "\\033[31m\\n"


def test_columns_are_left_out_before_others_are_cut() -> None:
    heads = [Head("No"), Head("Name", flexible=True), Head("First to go", spare=2), Head("Second", spare=1)]
    rows = [["1", "x" * 30, "a", "b"]]
    assert next(lay_out(heads, rows, 80)).split() == ["No", "Name", "First", "to", "go", "Second"]
    assert next(lay_out(heads, rows, 45)).split() == ["No", "Name", "Second"]
    assert next(lay_out(heads, rows, 36)).split() == ["No", "Name"]
    assert list(lay_out(heads, rows, 16))[1] == "1   xxxxxxxxxxx\u2026"


# Lines


def test_a_line_is_cut_at_the_edge_of_the_terminal() -> None:
    reading, capture = read()
    lines = list(listing.list_text(reading, make_clock(capture, "r"), Painter(), 60))
    assert max(len(line) for line in lines) == 61
    assert any(line.endswith("…\n") for line in lines)


def test_csv_has_the_keys_of_the_json_and_the_same_info() -> None:
    rows = list(csv.DictReader(io.StringIO(run("list", "-T", "csv", str(STORE)))))
    records = [json.loads(line) for line in run("list", "-T", "jsonl", str(STORE)).splitlines()]
    assert list(rows[0]) == [key for key in records[0] if key != "schema"]
    assert [row["info"] for row in rows] == [record["info"] for record in records]
    assert [row["time"] for row in rows] == [record["time"] for record in records]
    assert [row["frames"].split() for row in rows] == [list(map(str, record["frames"])) for record in records]


def test_fields_are_parted_by_tabs_and_values_by_commas() -> None:
    printed = run("list", "-e", "pdu", "-e", "CodeValue", "-Y", "pdu == 6", str(WORKLIST))
    assert printed == "6\t24725-4,121109,24725-4,121109,X-CONTRAST\n"


def test_chosen_columns_stand_under_their_names() -> None:
    head, *lines = run("list", "-T", "text", "-e", "pdu", "-e", "PatientName", str(WORKLIST)).splitlines()
    assert head == "pdu           PatientName"
    assert lines[7] == "8             Doe^Jane"


def test_fields_of_json_lines_are_lists() -> None:
    [line] = run(
        "list", "-T", "jsonl", "-e", "PatientID", "-e", "dimse.cmd", "-Y", "pdu == 8", str(WORKLIST)
    ).splitlines()
    assert json.loads(line)["fields"] == {"PatientID": ["SYN-0002"], "dimse.cmd": []}


def test_what_a_capture_says_does_not_break_a_line_of_fields() -> None:
    data = build.element(0x00100010, "PN", b"a\tb\x1b[2J\nc,d")
    capture = open_bytes(build.pcap(build.store_talk(data).frames))
    columns = (Column("PatientName"),)
    lines = list(listing.list_fields(Reading(capture, Config()), columns))
    assert "a\\tb\\033[2J\\nc,d\n" in lines
    assert 'a\\tb\\033[2J\\nc,d"\n' in "".join(listing.list_csv(Reading(capture.again(), Config()), str, columns))


# Colours


def test_each_line_is_painted_by_the_first_rule_that_holds_and_ends_in_itself() -> None:
    printed = run("list", "--color", "always", str(REFUSED))
    plain = run("list", str(REFUSED))
    lines = printed.splitlines()
    assert all(line.startswith("\x1b[") == line.endswith(RESET) for line in lines)
    assert [line for line in lines if "C-STORE-RSP" in line] == [
        f"\x1b[31m{line}{RESET}" for line in plain.splitlines() if "C-STORE-RSP" in line
    ]
    assert lines[0].startswith("\x1b[36m")


def test_nothing_is_painted_where_standard_output_is_no_terminal() -> None:
    assert "\x1b" not in run("list", str(REFUSED)) + run("show", str(REFUSED)) + run("associations", str(REFUSED))


def test_own_rules_come_first() -> None:
    reading, capture = read()
    painter = Painter([ColorRule("first", "pdu == 1", "error"), *COLOR_RULES], on=True)
    line = next(listing.list_text(reading, make_clock(capture, "r"), painter))
    assert line.startswith("\x1b[1;31m")


@pytest.mark.parametrize("wanted", ["assoc(pdu)", "assoc.end == open", "pdu.tpye"])
def test_a_rule_that_cannot_be_told_of_a_pdu_by_itself_is_refused(wanted: str) -> None:
    with pytest.raises(QueryError):
        Painter([ColorRule("x", wanted, "dim")], on=True)


def test_the_tree_is_painted_by_line_so_that_a_pager_keeps_its_shape() -> None:
    painted = run("show", "--color", "always", str(REFUSED)).splitlines()
    assert [line.count("\x1b[0m") for line in painted] == [
        line.count("\x1b[") - line.count("\x1b[0m") for line in painted
    ]
    bare = [re.sub(r"^( *)\x1b\[[\d;]*m", r"\1", line).removesuffix(RESET) for line in painted]
    assert bare == run("show", str(REFUSED)).splitlines()


# Times


@pytest.mark.parametrize(
    ("form", "first", "seventh"),
    [
        ("r", "0.000058", "0.087584"),
        ("d", "0.000000", "0.043991"),
        ("dd", "0.000000", "0.043991"),
        ("e", "1795385846.811418", "1795385846.898944"),
        ("ud", "2026-11-22 22:17:26.811418Z", "2026-11-22 22:17:26.898944Z"),
        ("u", "22:17:26.811418", "22:17:26.898944"),
    ],
)
def test_times_are_told_as_tshark_does(form: str, first: str, seventh: str) -> None:
    lines = run("list", "-t", form, str(STORE)).splitlines()
    assert lines[0][7:].startswith(f"{first:>12} ")
    assert lines[6][7:].startswith(f"{seventh:>12} ")
    assert first in run("show", "-t", form, str(STORE)).splitlines()[0]


@pytest.mark.parametrize(("form", "pattern"), [("a", "%H:%M:%S"), ("ad", "%Y-%m-%d %H:%M:%S")])
def test_local_times_are_those_of_the_place(form: str, pattern: str) -> None:
    moment = datetime.fromtimestamp(1795385846)
    assert run("list", "-t", form, str(STORE)).splitlines()[0].split("-A")[0].strip().find(moment.strftime(pattern)) > 0


@pytest.mark.parametrize(("time", "told"), [(1 - (1 << 63), "1677-09-21"), ((1 << 63) - 1, "2262-04-11")])
def test_the_latest_and_the_earliest_time_have_a_date(time: int, told: str) -> None:
    capture = open_bytes(build.pcap([]))
    capture.times.append(time)
    assert make_clock(capture, "ud")(1).startswith(told)


# Bytes


def test_bytes_are_shown_sixteen_a_line_with_offsets_and_characters() -> None:
    printed = run("show", "-x", "-Y", "pdu == 8", str(STORE))
    assert printed.endswith("\n\n0000  05 00 00 00 00 04 00 00 00 00                    ..........\n\n")


def test_bytes_that_the_capture_lacks_are_dashes() -> None:
    data = b"".join(number.to_bytes(2, "big") for number in range(2500))
    talk = build.Talk(mss=500).open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(build.p_data(build.pdv(1, 0, data)))
    frames = [frame for frame in talk.frames if data[1000:1010] not in frame.data]
    assert len(frames) < len(talk.frames)
    subject = next(each for each in Reading(open_bytes(build.pcap(frames)), Config()) if each.arrival.pdvs)
    lines = list(dump(subject.top))[1:]
    assert "".join(lines).count("--") == 500
    assert len(lines) == -(-(len(data) + 12) // 16)


def test_a_row_of_bytes_costs_the_same_however_many_are_lost_or_masked() -> None:
    size = (1 << 16) - 16
    source = Bytes(bytes(size), ((0, size),))
    node = Node("", "", Span(source, 0, size))
    for at in range(0, size, 16):
        node.add(Node(f"secret.{at}", "", Span(source, at, at + 1))).masked = True
    before = time.process_time()
    lines = list(dump(node))[1:]
    assert time.process_time() - before < 2  # seconds: half a minute where each row looks at all of them
    assert lines[-1] == f"ffe0  ** {' '.join(['--'] * 15)}  {'.' * 16}"


@pytest.mark.parametrize("behind", [0, 20])
def test_a_long_hole_is_told_in_a_line(behind: int) -> None:
    size = (3 << 16) + behind
    source = Bytes(bytes(size), ((1 << 16, 3 << 16),))
    lines = list(dump(Node("", "", Span(source, 0, size))))[1:]
    rows = [f"30000  {'00 ' * 16}".rstrip() + f"  {'.' * 16}", f"30010  {'00 ' * 4:<47}  ...."] if behind else []
    assert lines[4096:] == ["10000  -- ... 131,072 bytes are lost", *rows]


def test_a_part_of_the_tree_is_shown_under_its_path() -> None:
    printed = run("show", "--path", "*/c-store-rq.1/data-set/0010,00[12]0", str(STORE))
    head, *lines = printed.splitlines()
    assert head.startswith("PDU 6, ")
    assert [line for line in lines if line.startswith("assoc")] == [
        "association.1/c-store-rq.1/data-set/0010,0010",
        "association.1/c-store-rq.1/data-set/0010,0020",
    ]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("association.1", 9),
        ("association.2", 0),
        ("association.1/p-data-tf.2", 1),
        ("association.1/p-data-tf.*/pdv.1/0000,0900", 1),
        ("association.1/*/pdv.1/flags", 5),
        ("*/c-store-*/command-set/0000,0002", 2),
        ("*/c-store-rq.1", 1),
        ("*/c-store-rq.1/data-set", 1),
        ("*/c-store-rq.1/data-set/PatientName", 1),
        ("*/c-store-rq.1/data-set/(0010,0010)", 1),
    ],
)
def test_a_path_finds_what_it_names(path: str, found: int) -> None:
    lines = run("show", "-T", "jsonl", "--path", path, str(STORE)).splitlines()
    assert len(lines) == found


def test_the_same_element_is_found_by_pdu_and_by_message() -> None:
    paths = ("*/p-data-tf.4/pdv.1/0010,0010", "*/c-store-rq.1/data-set/0010,0010")
    first, second = (json.loads(run("show", "-T", "jsonl", "--path", path, str(STORE)))["tree"] for path in paths)
    assert first == second
    assert first["value"] == "Müller^Jörg "


def test_detail_is_plain_unless_asked_for() -> None:
    assert (text.PLAIN.full, text.PLAIN.reveal, text.PLAIN.hex, text.PLAIN.painter.on) == (False,) * 4


def test_a_delta_is_to_the_pdu_before_whether_that_is_printed_or_not() -> None:
    wanted = ("-Y", "dimse.cmd", "-t")
    d, dd = ([line.split()[1] for line in run("list", *wanted, form, str(STORE)).splitlines()] for form in ("d", "dd"))
    assert (d, dd) == (["0.043342", "0.043991"], ["0.000000", "0.043991"])


def test_parts_of_the_tree_are_one_document() -> None:
    found = json.loads(run("show", "-T", "json", "--path", "*/*/pdv.1/flags", str(STORE)))
    assert [record["path"] for record in found["pdus"]] == [
        f"association.1/p-data-tf.{n}/pdv.1/flags" for n in range(1, 6)
    ]


def test_a_name_that_looks_like_a_mask_is_none() -> None:
    capture = open_bytes(build.pcap(build.store_talk(build.text(0x00100010, "PN", "********")).frames))
    for subject in Reading(capture, Config()):
        assert not any(node.masked for _, node in subject.top.walk())


@pytest.mark.parametrize("path", [*RECORDED, *BUILT], ids=lambda path: path.name)
def test_lines_that_are_kept_are_those_of_each_pdu_that_is_like_the_first(path: Path) -> None:
    reading, capture = read(path)
    clock = make_clock(capture, "r")
    writer = text.Writer(clock, text.PLAIN)
    for subject in reading:
        lines = [text.locate(subject.arrival, clock), *text.show_node(subject.top), "", ""]
        assert "".join(writer.show_pdu(subject)) == "\n".join(lines)


def test_no_more_lines_are_kept_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MOST_LIKE", 1)
    reading, capture = read()
    writer = text.Writer(make_clock(capture, "r"), text.PLAIN)
    assert sum(len(list(writer.show_pdu(subject))) for subject in reading) == 9
    assert len(writer._kept) == 1
