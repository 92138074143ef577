"""Damaged captures and any bytes: a short run of what `tests.damage` and `tests.fuzz` do for as long as one likes."""

import shutil
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from dissect.capture.blocks import SECTION_MAGIC
from tests import build, damage, fuzz, inputs, recipes
from tests.damage import PROBABILITIES, VERBS, Report, Run, Total, examine, examine_batch, judge
from tests.recipes import DAMAGES, Recipe

NAMES = (
    "aborted.pcap", "built-messages.pcap", "built-negotiation.pcap", "built-pdvs.pcap", "built-unknown-pdus.pcap",
    "c-echo-ipv6.pcapng", "c-find-deflated.pcap", "c-find-worklist.pcap", "c-move.pcap", "c-store-rle.pcap",
    "c-store-sequences.pcap", "charset-japanese.pcap",
)  # fmt: skip
CAPTURES = [recipes.ROOT / "captures" / name for name in NAMES]
SEEDS = (1, 2, 3)

needs_editcap = pytest.mark.skipif(shutil.which("editcap") is None, reason="no editcap: apt-get install tshark")


def run_over(path: Path, how: str | float, folder: Path) -> list[tuple[str, str]]:
    """Give what goes wrong with a capture damaged in one way, with every seed."""
    return [failure for seed in SEEDS for failure in examine(Recipe(path, how, seed), folder).failures]


@needs_editcap
@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
@pytest.mark.parametrize("probability", PROBABILITIES)
def test_a_capture_that_editcap_damaged_is_read(path: Path, probability: float, tmp_path: Path) -> None:
    assert run_over(path, probability, tmp_path) == []


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_is_read(path: Path, how: str, tmp_path: Path) -> None:
    assert run_over(path, how, tmp_path) == []


def test_a_child_examines_copies_and_tells_of_each() -> None:
    recipes = [Recipe(path, how, 4) for path in CAPTURES[:2] for how in DAMAGES]
    reports = list(examine_batch(recipes))
    assert [(report.recipe, report.runs, report.failures) for report in reports] == [
        (recipe, len(VERBS), []) for recipe in recipes
    ]
    assert all(0 < report.peak < damage.LARGEST for report in reports)


def test_a_child_that_dies_is_told_and_the_next_one_goes_on(tmp_path: Path) -> None:
    missing, sound = Recipe(tmp_path / "none.pcap", "flip", 1), Recipe(CAPTURES[0], "flip", 1)
    reports = list(examine_batch([sound, missing, sound]))
    assert [report.failures for report in reports] == [[], [("the process dies", "")], []]


def test_the_same_recipe_makes_the_same_copy_and_another_seed_another_one() -> None:
    one, same, other = (Recipe(CAPTURES[0], "flip", seed).make() for seed in (2, 2, 4))
    assert one == same != other
    assert len(one) == CAPTURES[0].stat().st_size


def test_a_capture_turned_into_pcapng_and_back_is_the_same(tmp_path: Path) -> None:
    turned = tmp_path / "turned"
    turned.write_bytes(recipes.read_capture(CAPTURES[0], "turned"))
    assert turned.read_bytes().startswith(SECTION_MAGIC)
    assert recipes.read_capture(turned, "turned") == CAPTURES[0].read_bytes()


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (Run(status=0, out="a line\n"), []),
        (Run(status=2, err="dissect: a.pcap: no such file\n"), []),
        (Run(status=1, err="dissect: what is this\n"), ["exit status 1"]),
        (Run(status=None), ["exit status None"]),
        (Run(status=2), ["exit status 2 without a word"]),
        (Run(status=0, err="Exception ignored in\n"), ["a line on standard error that is not the program's"]),
        (Run(status=0, out="\x1b[2J\n"), ["control characters printed"]),
        (Run(status=0, took=damage.SLOWEST + 1), ["takes more than 2.0 s"]),
        (
            Run(trace='Traceback:\n  File "/a/dissect/pdu.py", line 7, in f\n  File "/b/x.py", line 9, in g\nE: x'),
            ["E at pdu.py, line 7"],
        ),
    ],
)
def test_what_is_wrong_with_a_run_is_told(run: Run, told: list[str]) -> None:
    assert list(judge(run)) == told


def test_a_difference_that_diff_finds_is_nothing_wrong() -> None:
    assert list(judge(Run(status=1, out="{}\n"), damage.STATUSES["diff"])) == []


def test_what_escapes_from_the_program_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(arguments: list[str]) -> int:
        raise ValueError(arguments)

    monkeypatch.setattr(damage, "dissect", fail)
    report = examine(Recipe(CAPTURES[0], "cut", 1), tmp_path)
    assert [why for why, _ in report.failures] == [f"{verb[0]}: ValueError" for verb in VERBS]


def test_the_first_copy_of_each_failure_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total = Total(keep=tmp_path / "kept")
    reports = [Report(Recipe(CAPTURES[0], "flip", seed), failures=[("list: odd", "trace")]) for seed in SEEDS]
    for report in reports:
        total.add(report)
    kept = tmp_path / "kept" / reports[0].recipe.name
    assert sorted(path.name for path in kept.parent.iterdir()) == [kept.name, f"{kept.name}.txt"]
    assert kept.read_bytes() == reports[0].recipe.make()
    assert capsys.readouterr().out == f"{kept.name}: list: odd; kept as {kept}\n"
    assert "3 files failed in 1 ways" in total.describe()


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_the_seeds_of_a_fuzzing_target_pass(target: str) -> None:
    check: Callable[[bytes], None] = fuzz.TARGETS[target]
    for seed in islice(inputs.SEEDS[target](), 0, None, 8):
        check(seed)


def test_the_seeds_of_segments_carry_the_pdus_of_their_capture(tmp_path: Path) -> None:
    path = tmp_path / "seed.pcap"
    path.write_bytes(inputs.encode_segments(next(inputs.seed_segments())))
    assert damage.run_program(["list", str(path)]).status == 0


def test_any_bytes_are_an_input_of_every_target() -> None:
    for check in fuzz.TARGETS.values():
        for data in (b"", b"\0", bytes(range(256)), build.echo_talk().frames[3].data):
            check(data)
