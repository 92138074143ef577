"""Machine output: every line of it, of every capture, is what its schema says, and any JSON reader takes it."""

import io
import json
import math
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dissect.cli import main
from dissect.cli.arguments import SCHEMAS
from tests import build
from tests.conftest import BUILT, RECORDED
from tests.outcome import run


def load(name: str) -> Draft202012Validator:
    """Give what validates an output, from the schema that the program prints."""
    schema = json.loads(run("schema", name))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


VALIDATORS = {name: load(name) for name in SCHEMAS}


def refuse_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its pairs, each key once."""
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


def refuse_constant(name: str) -> float:
    """Refuse NaN and its like, which are no JSON."""
    raise ValueError(name)


def parse(text: str) -> object:
    """Parse JSON, strictly."""
    return json.loads(text, object_pairs_hook=refuse_duplicates, parse_constant=refuse_constant)


def check(name: str, text: str) -> None:
    """Validate a document."""
    found = parse(text)
    assert isinstance(found, dict)
    assert next(iter(found.items())) == ("schema", 1)
    error = next(iter(VALIDATORS[name].iter_errors(found)), None)
    assert error is None, error


@pytest.mark.parametrize("path", [*RECORDED, *BUILT], ids=lambda path: path.name)
def test_every_machine_output_of_a_capture_is_what_its_schema_says(path: Path, tmp_path: Path) -> None:
    for words in (["list", "-T", "jsonl"], ["list", "-T", "jsonl", "-e", "PatientName", "-e", "dimse.time"]):
        for line in run(*words, str(path)).splitlines():
            check("list", line)
    for line in run("show", "-T", "jsonl", str(path)).splitlines():
        check("show", line)
    check("show", run("show", "-T", "json", str(path)))
    for line in run("associations", "-T", "jsonl", str(path)).splitlines():
        check("associations", line)
    for words in (["check", "--fail-on", "never"], ["check", "--fail-on", "never", "--shallow"]):
        for line in run(*words, "-T", "jsonl", str(path)).splitlines():
            check("check", line)
    check("stats", run("stats", "-T", "json", str(path)))
    run("export", "--commands", "--json", "--raw", str(path), "--to", str(tmp_path / "out"))
    for line in (tmp_path / "out" / "manifest.jsonl").read_text().splitlines():
        check("manifest", line)


CAPTURES = RECORDED[0].parent
COMPARED = [
    ("diff-before.pcap", "diff-after.pcap"),
    ("c-store.pcap", "c-store-warning.pcap"),
    ("c-find.pcap", "c-store.pcap"),
    ("rejected.pcap", "aborted.pcap"),
    ("c-move.pcap", "c-move-failures.pcap"),
    ("user-identity.pcap", "user-identity-refused.pcap"),
    ("built-messages.pcap", "built-pdvs.pcap"),
    ("storage-commitment.pcap", "ups.pcap"),
]


def compare(old: str, new: str, *options: str) -> list[dict[str, object]]:
    """Give the differences between two captures, each of which is what the schema says."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["diff", "-T", "jsonl", "--notes", *options, old, new]) in (0, 1)
    lines = printed.getvalue().splitlines()
    for line in lines:
        check("diff", line)
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(("old", "new"), COMPARED, ids=" ".join)
def test_every_difference_of_two_captures_is_what_its_schema_says(old: str, new: str, tmp_path: Path) -> None:
    paths = [str(CAPTURES / name) for name in (old, new)]
    assert compare(*paths)
    assert compare(*reversed(paths), "--profile", "strict")
    snapshot = tmp_path / "expected.txt"
    snapshot.write_text(run("snapshot", paths[0]))
    assert all(not found["frames"]["old"] for found in compare(str(snapshot), paths[1]))  # type: ignore[index]


def test_a_uid_that_stands_for_two_names_what_it_contradicts(tmp_path: Path) -> None:
    names = []
    for number, uids in enumerate((("2.25.1", "2.25.1", "2.25.1"), ("2.25.7", "2.25.7", "2.25.8"))):
        frames = []
        for port, uid in enumerate(uids, 50000):
            talk = build.Talk(requestor=("10.0.0.1", port))
            frames += build.store_talk(build.text(0x0020000D, "UI", uid), talk=talk).frames
        names.append(str(tmp_path / f"{number}.pcap"))
        Path(names[-1]).write_bytes(build.pcap(frames))
    [found] = compare(*names)
    assert (found["kind"], found["old"], found["new"]) == ("uid-relation", "2.25.1", "2.25.8")
    path = "association.1/c-store-rq.1/data-set/0020,000d"
    assert found["contradicts"] == [{"old": "2.25.1", "new": "2.25.7", "paths": {"old": path, "new": path}}]


def test_a_tree_has_all_nodes_and_their_values_spans_and_notes() -> None:
    path = RECORDED[0].with_name("c-find.pcap")
    *_, record = (json.loads(line) for line in run("show", "-T", "jsonl", "-Y", "PatientName", str(path)).splitlines())
    [pdv] = [node for node in record["tree"]["children"] if node["key"] == "pdv.1"]
    [name] = [node for node in pdv["children"] if node["tag"] == "(0010,0010)"]
    data = path.read_bytes()
    offset = name["span"].pop("offset")
    assert data[offset + 8 : offset + 16] == b"John^Doe"
    assert name == {
        "key": "0010,0010",
        "tag": "(0010,0010)",
        "name": "Patient's Name",
        "vr": "PN",
        "length": 8,
        "value": "John^Doe",
        "text": "John^Doe",
        "meaning": None,
        "span": {"source": "message", "start": 76, "stop": 92, "frames": [14]},
        "notes": [],
        "children": [],
    }


def make_deep(depth: int) -> bytes:
    """Encode sequences that nest."""
    data = build.text(0x00080100, "SH", "x")
    for _ in range(depth):
        data = build.sequence(0x00081140, [data])
    return data


def write(folder: Path, data: bytes) -> str:
    """Write a capture of an object."""
    path = folder / "talk.pcap"
    path.write_bytes(build.pcap(build.store_talk(data).frames))
    return str(path)


def test_a_tree_that_nests_deeper_than_any_reader_recurs_is_written(tmp_path: Path) -> None:
    shown = run("show", "-T", "json", write(tmp_path, make_deep(400)))
    assert shown.count("{") == shown.count("}")
    assert '"too-deep"' in shown
    check("show", run("show", "-T", "json", write(tmp_path, make_deep(60))))


def test_what_is_not_finite_is_null_and_told_in_text(tmp_path: Path) -> None:
    data = build.element(0x00189073, "FD", bytes.fromhex("000000000000f87f"))
    [node] = find_nodes(parse(run("show", "-T", "json", write(tmp_path, data))), "(0018,9073)")
    assert (node["value"], math.isnan(float(str(node["text"])))) == (None, True)


def test_a_binary_value_is_told_by_its_length_and_first_bytes(tmp_path: Path) -> None:
    data = build.element(0x7FE00010, "OW", bytes(range(20)))
    [node] = find_nodes(parse(run("show", "-T", "json", write(tmp_path, data))), "(7fe0,0010)")
    assert (node["value"], node["length"]) == (None, 20)
    assert node["text"] == "20 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ..."


def test_a_passcode_is_masked_in_json_too(tmp_path: Path) -> None:
    user = build.user_information(build.maximum_length(16384), build.user_identity(2, b"user", b"hush"))
    path = tmp_path / "talk.pcap"
    path.write_bytes(build.pcap(build.Talk().open().request(build.associate_rq(user=user)).close().frames))
    assert "hush" not in run("show", "-T", "json", str(path))
    assert '"hush"' in run("show", "-T", "json", "--reveal", str(path))


def find_nodes(found: object, tag: str) -> Iterator[dict[str, object]]:
    """Give the nodes with a tag."""
    if isinstance(found, list):
        for each in found:
            yield from find_nodes(each, tag)
    if isinstance(found, dict):
        if found.get("tag") == tag:
            yield found
        yield from find_nodes(list(found.values()), tag)


def test_a_schema_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["schema", "nothing"])
    assert stopped.value.code == 2
    assert "associations" in capsys.readouterr().err
