"""Ladder diagrams as text, for Mermaid and as SVG: arrows, columns, widths, and nothing unescaped."""

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.capture.segments import Capture
from dissect.cli import main
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.ladder import columns as columns_module
from dissect.ladder.columns import Columns
from dissect.ladder.events import Endpoint, Event
from dissect.views.ladder import cut, draw_text
from dissect.views.mermaid import draw_mermaid, quote_mermaid
from dissect.views.svg import draw_svg
from dissect.views.table import measure_cells
from dissect.views.times import Clock, make_clock
from tests import build
from tests.conftest import ROOT, open_bytes
from tests.outcome import run
from tests.test_ladder import make_events

CAPTURES = ROOT / "captures"
STORE, MOVE = CAPTURES / "c-store.pcap", CAPTURES / "c-move-failures.pcap"

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = 'a;b#c"<g>&%%{{]]>'[:16]


def read(source: Path | list[build.Talk], *, unfold: bool = False) -> tuple[list[Event], Clock]:
    """Give the events of a capture or of conversations, and what tells their times."""
    frames = [] if isinstance(source, Path) else [frame for talk in source for frame in talk.frames]
    frames.sort(key=lambda frame: frame.time_ns)
    capture = Capture(source) if isinstance(source, Path) else open_bytes(build.pcap(frames))
    return make_events(Associations(capture, Config()), unfold=unfold), make_clock(capture, "r")


def refuse(calling: str, called: str, *ends: str, start: int = 0) -> build.Talk:
    """Ask for an association, which is rejected."""
    requestor, acceptor = ends or ("10.0.0.1", "10.0.0.2")
    talk = build.Talk((requestor, 50000), (acceptor, 104), start=build.Talk.start + start).open()
    talk.request(build.associate_rq(calling=calling, called=called)).answer(build.associate_rj())
    return talk.close()


def find_cells(line: str, mark: str) -> list[int]:
    """Give the cells in which a mark stands."""
    return [measure_cells(line[: found.start()]) for found in re.finditer(re.escape(mark), line)]


# Text


def test_a_line_an_event_stands_below_the_heads() -> None:
    assert "".join(draw_text(*read(STORE))).splitlines() == [
        "                     MODALITY                                         ARCHIVE",
        "    Time          Δ  127.0.0.1                                 127.0.0.1:4242",
        "0.000058             │──A-ASSOCIATE-RQ 2 contexts──────────────────────────▶│",
        "0.000251  +0.000193  │◀──A-ASSOCIATE-AC 1 of 2 contexts accepted +0.193 ms──│",
        "0.043593  +0.043342  │──C-STORE-RQ #1 CT Image Storage 4 PDUs 9.7 kB───────▶│",
        "0.087584  +0.043991  │◀──C-STORE-RSP #1 0x0000 Success +0.408 ms────────────│",
        "0.087735  +0.000151  │──A-RELEASE-RQ───────────────────────────────────────▶│",
        "0.087787  +0.000052  │◀──A-RELEASE-RP +0.052 ms─────────────────────────────│",
    ]


def test_data_is_dashed() -> None:
    lines = "".join(draw_text(*read(STORE, unfold=True))).splitlines()
    assert lines[5].endswith("│┄┄data #1 [1/3] 4084 B" + "┄" * 31 + "▶│")


def test_failures_and_warnings_are_marked() -> None:
    text = "".join(draw_text(*read(MOVE)))
    assert "│◀──✗ C-STORE-RSP #4 0xA700" in text
    assert "│◀──! C-STORE-RSP #3 0xB000" in text
    assert text.count("✗") == 1


def test_ascii_alone_draws_the_same() -> None:
    text = "".join(draw_text(*read(MOVE), ascii_only=True))
    assert text.isascii()
    assert "|<----X C-STORE-RSP" in text
    assert "|---A-RELEASE-RQ---" in text
    assert "->|" in text
    dashed = "".join(draw_text(*read(STORE, unfold=True), ascii_only=True)).splitlines()[5]
    assert re.search(r"\|- -data #1 \[1/3\] 4084 B[- ]+->\|$", dashed)


def test_the_number_of_the_association_stands_where_there_are_several() -> None:
    _, head, *lines = "".join(draw_text(*read(MOVE))).splitlines()
    assert head.split()[:3] == ["Time", "Δ", "Assoc"]
    assert [line.split("│")[0].split()[-1] for line in lines[:5]] == ["1", "1", "1", "2", "2"]


def make_three() -> list[build.Talk]:
    """Let each of three entities ask the others."""
    return [
        refuse("ONE", "TWO"),
        refuse("TWO", "THREE", "10.0.0.2", "10.0.0.3", start=10**9),
        refuse("ONE", "THREE", "10.0.0.1", "10.0.0.3", start=2 * 10**9),
    ]


def test_an_arrow_passes_over_the_columns_between() -> None:
    first, _, *lines = "".join(draw_text(*read(make_three()))).splitlines()
    assert first.split() == ["ONE", "TWO", "THREE"]
    posts = find_cells(lines[0], "│")
    assert len(posts) == 3
    for line, inner, heads in zip(lines, (True, True, True, True, False, False), "▶◀▶◀▶◀", strict=True):
        assert find_cells(line, "│") == (posts if inner else [posts[0], posts[2]])
        assert line.count(heads) == 1
    assert lines[4][posts[0] :].startswith("│──A-ASSOCIATE-RQ")
    assert lines[4].endswith("─▶│")
    assert lines[5][posts[0] :].startswith("│◀──✗ A-ASSOCIATE-RJ")


def test_every_arrow_points_to_the_receiver(captured: Path) -> None:
    for unfold in (False, True):
        events, clock = read(captured, unfold=unfold)
        columns = Columns(events)
        _, _, *lines = draw_text(events, clock)
        for event, line in zip(events, lines, strict=True):
            posts, (source, target) = find_cells(line, "│"), columns.find(event)
            [head] = find_cells(line, "▶" if source < target else "◀")
            assert (head + 1 if source < target else head - 1) in posts


@pytest.mark.parametrize("width", [1, 20, 40, 80, 100, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_wider_than_it_may_be(width: int, ascii_only: bool) -> None:
    lines = list(draw_text(*read(MOVE), width, ascii_only=ascii_only))
    assert max(measure_cells(line.rstrip("\n")) for line in lines) <= width
    assert len(lines) == 22


def test_a_label_is_cut_where_there_is_no_room() -> None:
    lines = list(draw_text(*read(MOVE), 80))
    assert "│──A-ASSOCIATE-RQ 2 c…──▶│" in lines[2]
    assert "|---A-ASSOCIATE-RQ..--" in list(draw_text(*read(MOVE), 80, ascii_only=True))[2]
    assert [cut("abcdef", room) for room in (0, 1, 3, 6)] == ["", "…", "ab…", "abcdef"]


def test_wide_letters_do_not_move_the_columns() -> None:
    events, clock = read(make_three())
    titles = {"ONE": "山田病院", "TWO": "e\u0301", "THREE": "検査"}
    events = [
        replace(
            event,
            source=replace(event.source, title=titles[event.source.title]),
            target=replace(event.target, title=titles[event.target.title]),
            label=f"検査 A\u0301 {event.label}",
        )
        for event in events
    ]
    for width in (None, 100, 61):
        first, _, *lines = (line.rstrip("\n") for line in draw_text(events, clock, width))
        posts = {tuple(find_cells(line, "│")) for line in lines[:4]}
        assert len(posts) == 1
        [(left, _, right)] = posts
        assert {tuple(find_cells(line, "│")) for line in lines[4:]} == {(left, right)}
        assert find_cells(first, "山") == [left]
        assert measure_cells(first) == right + 1


def test_what_a_capture_says_does_not_reach_a_terminal_unescaped() -> None:
    events, clock = read([refuse("\x1b[2J\r\n", "\x9b")])
    text = "".join(draw_text(events, clock))
    assert "\\033[2J" in text
    assert all(letter.isprintable() for letter in text.replace("\n", ""))


def test_columns_that_are_all_the_same_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns_module, "MOST_ENDPOINTS", 2)
    events, clock = read(make_three())
    lines = list(draw_text(events, clock))
    assert "all others" in lines[1]
    assert "▶" not in lines[4]
    assert "│──A-ASSOCIATE-RQ" in lines[4]
    assert "p2->>p2" in "".join(draw_mermaid(events, clock))
    assert ElementTree.fromstring("".join(draw_svg(events, clock))).tag == f"{SVG}svg"


def test_nothing_is_drawn_of_nothing() -> None:
    for draw in (draw_text, draw_mermaid, draw_svg):
        assert list(draw([], str)) == []


# Mermaid

TEXT = r"(?:[A-Za-z0-9 .,:/_()=+\-]|#\d+;)+"
PARTICIPANT = re.compile(rf"    participant p\d+ as {TEXT}(?:<br/>{TEXT})?\n")
MESSAGE = re.compile(rf"    p\d+(?:->>|-->>|-x|--x)p\d+: {TEXT}\n")


def check_mermaid(lines: Iterator[str]) -> list[str]:
    """Hold a diagram against what Mermaid reads, and give its lines without the first."""
    first, *others = lines
    assert first == "sequenceDiagram\n"
    for line in others:
        assert PARTICIPANT.fullmatch(line) or MESSAGE.fullmatch(line), line
        assert not re.search(r"\bend\b", line, re.IGNORECASE)
    return others


def test_mermaid_names_all_first_and_draws_a_message_an_event() -> None:
    assert check_mermaid(draw_mermaid(*read(STORE))) == [
        "    participant p1 as MODALITY<br/>127.0.0.1\n",
        "    participant p2 as ARCHIVE<br/>127.0.0.1:4242\n",
        "    p1->>p2: 0.000058 A-ASSOCIATE-RQ 2 contexts\n",
        "    p2->>p1: 0.000251 A-ASSOCIATE-AC 1 of 2 contexts accepted +0.193 ms\n",
        "    p1->>p2: 0.043593 C-STORE-RQ #35;1 CT Image Storage 4 PDUs 9.7 kB\n",
        "    p2->>p1: 0.087584 C-STORE-RSP #35;1 0x0000 Success +0.408 ms\n",
        "    p1->>p2: 0.087735 A-RELEASE-RQ\n",
        "    p2->>p1: 0.087787 A-RELEASE-RP +0.052 ms\n",
    ]


def test_mermaid_dashes_data_and_crosses_failures() -> None:
    dashed = [line for line in draw_mermaid(*read(STORE, unfold=True)) if "data" in line]
    assert [line[:12] for line in dashed] == ["    p1-->>p2"] * 3
    [failed] = [line for line in draw_mermaid(*read(MOVE)) if "0xA700" in line]
    assert failed.startswith("    p3-xp2: ")


def test_what_mermaid_would_take_for_more_than_text_is_a_number() -> None:
    assert quote_mermaid("a;b#c\n<br>") == "a#59;b#35;c#10;#60;br#62;"
    assert quote_mermaid("END of the end, send") == "#69;ND of the #101;nd, send"
    lines = check_mermaid(draw_mermaid(*read([refuse(HOSTILE, "end")])))
    assert lines[0] == "    participant p1 as a#59;b#35;c#34;#60;g#62;#38;#37;#37;#123;#123;#93;#93;<br/>10.0.0.1\n"
    assert lines[1] == "    participant p2 as #101;nd<br/>10.0.0.2:104\n"


@given(st.text(max_size=16), st.text(max_size=40))
def test_any_text_is_nothing_but_text_for_mermaid(title: str, label: str) -> None:
    events, clock = make_hostile(title, label)
    check_mermaid(draw_mermaid(events, clock))


def make_hostile(title: str, label: str) -> tuple[list[Event], Clock]:
    """Put any texts into events."""
    events, clock = read([refuse("ONE", "TWO")])
    ends = Endpoint("10.0.0.1", title), Endpoint("10.0.0.2", title, "104")
    return [replace(event, source=ends[0], target=ends[1], label=label) for event in events], clock


# SVG

XML_CHARACTERS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")  # XML 1.0 2.2


def parse_svg(lines: Iterator[str]) -> ElementTree.Element:
    """Read an image, and hold it against what it may be made of."""
    text = "".join(lines)
    assert XML_CHARACTERS.fullmatch(text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    top = ElementTree.fromstring(text)
    assert (top.tag, top.get("version")) == (f"{SVG}svg", "1.1")
    names = {"svg", "g", "title", "rect", "line", "text", "polygon"}
    attributes = {name for element in top.iter() for name in element.keys()}  # noqa: SIM118 (an element is no mapping)
    assert {element.tag for element in top.iter()} <= {SVG + name for name in names}
    assert not [name for name in attributes if "href" in name or name.startswith("on") or name == "style"]
    assert "url(" not in text
    return top


def list_texts(top: ElementTree.Element) -> list[str]:
    """Give the texts of an image."""
    return ["".join(element.itertext()) for element in top.iter(f"{SVG}text")]


def test_an_image_has_all_labels_and_as_many_arrows() -> None:
    events, clock = read(STORE)
    top = parse_svg(draw_svg(events, clock))
    texts = list_texts(top)
    assert texts[:4] == ["MODALITY", "127.0.0.1", "ARCHIVE", "127.0.0.1:4242"]
    assert texts[4::2] == [clock(event.start) for event in events]
    assert texts[5::2] == [event.label for event in events]
    assert len(list(top.iter(f"{SVG}polygon"))) == len(events)
    title = next(top.iter(f"{SVG}title")).text
    assert title == "PDU 1, association 1, 127.0.0.1:48230 -> 127.0.0.1:4242: A-ASSOCIATE-RQ 2 contexts"


def test_arrows_of_an_image_point_to_the_receiver() -> None:
    events, clock = read(MOVE)
    columns = Columns(events)
    for event, group in zip(events, parse_svg(draw_svg(events, clock)).iter(f"{SVG}g"), strict=True):
        line, arrow = group.find(f"{SVG}line"), group.find(f"{SVG}polygon")
        assert line is not None
        assert arrow is not None
        tip = arrow.get("points", "").partition(",")[0]
        source, target = columns.find(event)
        assert tip == line.get("x2" if source < target else "x1")


def test_an_image_dashes_data_and_reddens_failures() -> None:
    dashed = parse_svg(draw_svg(*read(STORE, unfold=True))).iterfind(f".//{SVG}line[@stroke-dasharray]")
    assert len(list(dashed)) == 3
    [failed] = parse_svg(draw_svg(*read(MOVE))).iterfind(f".//{SVG}polygon[@fill='#b00020']")
    assert failed.get("points")


def test_hostile_titles_are_text_in_an_image() -> None:
    texts = list_texts(parse_svg(draw_svg(*read([refuse("</text><script>", "\x1b]8;;x\x07")]))))
    assert texts[0] == "</text><script>"
    assert texts[2] == "\\033]8;;x\\a"


@given(st.text(max_size=16), st.text(max_size=40))
def test_any_text_is_nothing_but_text_in_an_image(title: str, label: str) -> None:
    events, clock = make_hostile(title, label)
    parse_svg(draw_svg(events, clock))
    assert "\uffff" not in "".join(draw_svg(*make_hostile("\uffff", "\ufffe")))


# The verb


def test_the_verb_prints_each_form(capsys: pytest.CaptureFixture[str]) -> None:
    events, clock = read(MOVE)
    forms = [
        ([], draw_text(events, clock)),
        (["-T", "text", "--ascii"], draw_text(events, clock, ascii_only=True)),
        (["--unfold"], draw_text(read(MOVE, unfold=True)[0], clock)),
        (["-T", "mermaid"], draw_mermaid(events, clock)),
        (["-T", "svg"], draw_svg(events, clock)),
    ]
    for words, lines in forms:
        assert main(["ladder", *words, str(MOVE)]) == 0
        assert capsys.readouterr().out == "".join(lines)


def test_a_filter_takes_messages_whole() -> None:
    _, _, *lines = run("ladder", "-Y", "pdu in {5, 9}", str(STORE)).splitlines()
    assert [line.partition("|")[2].strip("<->|") for line in lines] == [
        "C-STORE-RQ #1 CT Image Storage 4 PDUs 9.7 kB",
        "A-RELEASE-RP +0.052 ms",
    ]


def test_a_filter_that_holds_for_nothing_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "mermaid", "svg"):
        assert main(["ladder", "-T", form, "-Y", "pdu == 99", str(STORE)]) == 0
        printed = capsys.readouterr()
        assert (printed.out, "holds for none of 9 PDUs" in printed.err) == ("", True)


def test_times_are_told_as_one_wants() -> None:
    _, _, first, second, *_ = run("ladder", "-t", "dd", str(STORE)).splitlines()
    assert (first.split()[0], second.split()[:2]) == ("0.000000", ["0.000193", "+0.000193"])
    assert run("ladder", "-t", "d", str(STORE)) == run("ladder", "-t", "dd", str(STORE))
    assert run("ladder", "-T", "mermaid", "-t", "ud", str(STORE)).splitlines()[3].startswith("    p1->>p2: 20")


def test_where_letters_are_few_ascii_draws() -> None:
    written = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(written, encoding="latin-1")):
        assert main(["ladder", str(STORE)]) == 0
        assert b"|---C-STORE-RQ" in written.getvalue()


def test_a_terminal_cuts_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "70")
    assert main(["ladder", str(MOVE)]) == 0
    assert max(map(measure_cells, capsys.readouterr().out.splitlines())) in (69, 70)


def test_a_port_that_nobody_configured_may_be_named(tmp_path: Path) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 5555)).open().request(b"\x09\0\0\0\0\4abcd").close()
    path = tmp_path / "odd.pcap"
    path.write_bytes(build.pcap(talk.frames))
    assert "PDU type 09H" in run("ladder", "-d", "tcp.port==5555,dicom", str(path))
