"""Figures: percentiles, slots of time, and what is counted of a capture."""

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.amounts import BILLION
from dissect.stats import MOST_SLOTS, SHORTEST_SLOT, Timeline, measure
from dissect.views.figures import draw, flatten
from tests import build
from tests.conftest import ROOT
from tests.outcome import run

CAPTURES = ROOT / "captures"


def report(path: Path, *words: str) -> dict[str, Any]:
    """Give the figures of a capture."""
    found = json.loads(run("stats", "-T", "json", str(path), *words))
    assert isinstance(found, dict)
    return found


@given(st.lists(st.integers(0, 1 << 40), min_size=1, max_size=60))
def test_figures_are_those_of_the_statistics_module(numbers: list[int]) -> None:
    found = measure(numbers)
    assert found["median"] == statistics.median(numbers)
    assert (found["min"], found["max"], found["sum"]) == (min(numbers), max(numbers), sum(numbers))
    assert sum(number <= found["p95"] for number in numbers) >= 0.95 * len(numbers)
    assert sum(number < found["p95"] for number in numbers) < 0.95 * len(numbers)


def test_of_nothing_all_figures_are_zero() -> None:
    assert set(measure([]).values()) == {0}


@given(st.lists(st.tuples(st.integers(0, 10**14), st.integers(0, 1000)), min_size=1, max_size=50))
def test_no_byte_is_lost_in_slots_of_time(marks: list[tuple[int, int]]) -> None:
    line = Timeline()
    for time, count in marks:
        line.add(time, count)
    assert sum(line.counts) == sum(count for _, count in marks)
    assert len(line.counts) <= MOST_SLOTS
    assert line.slot // SHORTEST_SLOT in {1 << power for power in range(60)}


def test_the_slots_of_a_capture_grow_with_its_time() -> None:
    line = Timeline()
    line.add(0, 1)
    line.add(BILLION * 3600, 2)
    assert line.slot * MOST_SLOTS >= BILLION * 3600
    assert (line.counts[0], line.counts[-1]) == (1, 2)


def test_operations_are_told_by_kind_with_the_slowest() -> None:
    [found] = report(CAPTURES / "c-store-refused.pcap")["operations"]
    times = found.pop("response_time")
    assert found == {
        "operation": "C-STORE",
        "sop_class": "1.2.840.10008.5.1.4.1.1.2",
        "name": "CT Image Storage",
        "requests": 3,
        "success": 0,
        "warning": 0,
        "failure": 3,
        "cancel": 0,
        "other": 0,
        "unanswered": 0,
        "pending": 0,
        "bytes": found["bytes"],
    }
    listed = run("list", "-e", "pdu", "-e", "dimse.time", "-Y", "dimse.time", str(CAPTURES / "c-store-refused.pcap"))
    seconds = {float(time): int(pdu) for pdu, time in (line.split("\t") for line in listed.splitlines())}
    assert times["max"] == pytest.approx(max(seconds))
    assert times["slowest_pdu"] == seconds[max(seconds)]
    assert times["median"] == pytest.approx(statistics.median(seconds))


def test_statuses_contexts_and_ends_are_counted() -> None:
    found = report(CAPTURES / "negotiation.pcap")
    assert found["ends"] == {"released": 1}
    assert found["statuses"] == [
        {"response": "C-ECHO-RSP", "status": "0000", "class": "success", "meaning": "Success", "count": 1}
    ]
    refused = {each["name"]: each["refused"] for each in found["contexts"] if each["refused"]}
    assert refused == {
        "Computed Radiography Image Storage": {"User Reject": 1},
        "Basic Text SR Storage": {"Abstract Syntax Unsupported": 1},
    }


def test_only_what_a_filter_holds_for_is_counted() -> None:
    found = report(CAPTURES / "c-move.pcap", "-Y", "sop.class contains CT")
    assert {each["operation"] for each in found["operations"]} == {"C-STORE"}


def test_throughput_is_what_the_pdus_bring() -> None:
    found = report(CAPTURES / "c-store.pcap")
    assert sum(found["throughput"]["bytes"]) == 10050 + 379
    assert sum(each["sum"] + 6 * each["count"] for each in found["pdu_sizes"]) == 10050 + 379


def test_bars_stand_for_the_bytes_in_a_slot() -> None:
    bars, told = draw({"bytes": [0, 1, 8, 4], "slot": 0.5}).split("\n")
    assert bars == " \u2581\u2588\u2584"
    assert told == "0.5 s a bar, 16 B/s at most"
    assert draw({"bytes": [0, 1, 8], "slot": 0.5}, ascii_only=True).isascii()
    assert len(draw({"bytes": [1] * 1000, "slot": 1}, width=40).split("\n")[0]) == 40
    assert draw({"bytes": [], "slot": 1})


def test_csv_has_a_line_a_figure() -> None:
    lines = run("stats", "-T", "csv", str(CAPTURES / "c-store.pcap")).splitlines()
    assert lines[0] == "table,row,figure,value"
    assert "operations,C-STORE 1.2.840.10008.5.1.4.1.1.2,requests,1" in lines
    assert "capture,1,associations,1" in lines


def test_figures_inside_figures_have_a_dot_between() -> None:
    assert list(flatten({"a": 1, "b": {"c": {"d": 2}}})) == [("a", 1), ("b.c.d", 2)]


def test_a_capture_that_begins_late_is_counted_too(tmp_path: Path) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 104))
    talk.request(*build.message(1, build.c_echo_rq())).answer(*build.message(1, build.c_echo_rsp()))
    path = tmp_path / "late.pcap"
    path.write_bytes(build.pcap(talk.frames))
    found = report(path)
    assert (found["ends"], found["contexts"]) == ({"open": 1}, [])
    assert found["operations"][0]["success"] == 1
