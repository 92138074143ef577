"""What the verbs print of each capture in captures/, held to the letter; UPDATE_GOLDEN=1 writes it anew."""

import os
from pathlib import Path

import pytest

from dissect.cli import main

ROOT = Path(__file__).parent.parent
CAPTURES = sorted((ROOT / "captures").glob("*.pcap*"))
FORMS = {
    "txt": ["show", "--full"],
    "list.txt": ["list"],
    "jsonl": ["list", "-T", "jsonl"],
    "associations.jsonl": ["associations", "-T", "jsonl"],
    "stats.json": ["stats", "-T", "json"],
}


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
@pytest.mark.parametrize("form", FORMS)
def test_the_output_is_the_one_on_record(
    capture: Path, form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = ROOT / "tests" / "golden" / f"{capture.name}.{form}"
    monkeypatch.chdir(ROOT)  # a report names the file as it was named
    assert main([*FORMS[form], str(capture.relative_to(ROOT))]) == 0
    printed = capsys.readouterr().out
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(printed, encoding="utf-8")
    assert printed == golden.read_text(encoding="utf-8")


def test_every_golden_belongs_to_a_capture() -> None:
    wanted = {f"{capture.name}.{form}" for capture in CAPTURES for form in FORMS}
    assert {path.name for path in (ROOT / "tests" / "golden").iterdir() if path.is_file()} == wanted
