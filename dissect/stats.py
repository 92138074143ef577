"""The PDUs of a capture and the ledger of its associations, in: figures, out."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

from dissect.amounts import BILLION
from dissect.association import Arrival, Context
from dissect.capture.segments import Capture
from dissect.catalogue import CATALOG
from dissect.dicom.pdu import LOST
from dissect.dicom.statuses import classify_status
from dissect.dicom.terms import CONTEXT_RESULTS
from dissect.dicom.values import name_uid
from dissect.ledger import ACCEPTED, OUTCOMES, Kind, Ledger, Tally
from dissect.quality import Carriage

SCHEMA = 1
"""The version of the report's form."""

Report = dict[str, object]

MOST_SLOTS = 1024
"""Into how many slots of time a capture is parted at most; they double in length when it takes more."""

SHORTEST_SLOT = 1_000_000
"""Nanoseconds."""


class Timeline:
    """How many bytes came in each slot of time."""

    def __init__(self) -> None:
        """Start with short slots."""
        self.slot = SHORTEST_SLOT
        """How long a slot is, in nanoseconds."""
        self.start: int | None = None
        """When the first one begins, in nanoseconds since the epoch."""
        self.counts = array("Q")

    def add(self, time: int, count: int) -> None:
        """Count bytes; what comes before the first slot is counted in it."""
        if self.start is None:
            self.start = time
        while (index := max(time - self.start, 0) // self.slot) >= MOST_SLOTS:
            self.slot *= 2
            halves = [sum(self.counts[at : at + 2]) for at in range(0, len(self.counts), 2)]
            self.counts = array("Q", halves)
        self.counts.extend([0] * (index + 1 - len(self.counts)))
        self.counts[index] += count


class Figures:
    """What is counted of a capture besides what the ledger does."""

    def __init__(self, capture: Capture, ledger: Ledger) -> None:
        """Start at nothing."""
        self._capture = capture
        self._ledger = ledger
        self._pdus: dict[str, array[int]] = {}
        self._pdvs: dict[str, array[int]] = {"command": array("Q"), "data": array("Q")}
        self._timeline = Timeline()

    def follow(self, arrival: Arrival) -> None:
        """Take a PDU into account."""
        pdu = arrival.pdu
        length = pdu.stop - pdu.start if pdu.kind == LOST else pdu.length
        self._pdus.setdefault(pdu.name, array("Q")).append(length)
        for pdv in arrival.pdvs:
            self._pdvs["command" if pdv.is_command else "data"].append(pdv.length)
        self._timeline.add(self._capture.times[pdu.frame - 1], pdu.stop - pdu.start)

    def report(self) -> Report:
        """Give all figures: times in seconds, lengths in bytes, rates in bytes a second."""
        capture, accounts = self._capture, [each for each in self._ledger.accounts.values() if each.pdus]
        operations: dict[Kind, Tally] = {}
        for account in accounts:
            for kind, tally in account.operations.items():
                operations.setdefault(kind, Tally()).add(tally)
        times = capture.times
        codes: Counter[str] = sum((account.codes for account in accounts), Counter())
        return {
            "schema": SCHEMA,
            "captures": capture.names,
            "frames": len(times),
            "start": capture.tell_time(1) if times else None,
            "duration": (max(times) - min(times)) / BILLION if times else None,
            "pdus": sum(len(lengths) for lengths in self._pdus.values()),
            "associations": len(accounts),
            "ends": dict(Counter(account.end.how for account in accounts).most_common()),
            "operations": [report_operation(kind, tally) for kind, tally in sorted(operations.items())],
            "statuses": [report_status(*key, count) for key, count in sorted(self._ledger.statuses.items())],
            "contexts": report_contexts(account.contexts for account in accounts),
            "pdu_sizes": [{"type": name, **measure(lengths)} for name, lengths in sorted(self._pdus.items())],
            "pdv_sizes": [{"type": name, **measure(lengths)} for name, lengths in self._pdvs.items()],
            "throughput": self._report_throughput(),
            "tcp": report_tcp({account.connection: account.carriage for account in accounts}.values()),
            "problems": [
                {"code": code, "severity": CATALOG[code].severity, "pdus": count} for code, count in codes.most_common()
            ],
        }

    def _report_throughput(self) -> Report:
        timeline = self._timeline
        rates = [count * BILLION / timeline.slot for count in timeline.counts]
        return {"slot": timeline.slot / BILLION, "peak": max(rates, default=0.0), "bytes": list(timeline.counts)}


def report_operation(kind: Kind, tally: Tally) -> Report:
    """Give the figures of the operations of a kind."""
    operation, uid = kind
    return {
        "operation": operation,
        "sop_class": uid or None,
        "name": name_uid(uid) or None,
        "requests": tally.requests,
        **{outcome: getattr(tally, outcome) for outcome in OUTCOMES},
        "unanswered": tally.unanswered,
        "pending": tally.pending,
        "bytes": tally.size,
        "response_time": report_times(tally),
    }


def report_times(tally: Tally) -> Report | None:
    """Give the figures of response times in seconds, and the PDU with the slowest response."""
    if not tally.times:
        return None
    figures = measure(tally.times)
    return {"count": figures["count"], **convert_to_seconds(figures), "slowest_pdu": tally.slowest[1]}


def report_status(name: str, status: int, meaning: str, count: int) -> Report:
    """Give how often a status came."""
    kind = classify_status(status) or None
    return {"response": name, "status": f"{status:04X}", "class": kind, "meaning": meaning, "count": count}


def report_contexts(negotiated: Iterable[dict[int, Context]]) -> list[Report]:
    """Give for each abstract syntax how often it was proposed, accepted with which transfer syntax, and refused."""
    found: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for context in (context for contexts in negotiated for context in contexts.values()):
        accepted, refused = found.setdefault(context.abstract, (Counter(), Counter()))
        if context.result == ACCEPTED:
            accepted[context.transfer] += 1
        else:
            refused[tell_result(context)] += 1
    return [
        {
            "abstract_syntax": uid or None,
            "name": name_uid(uid) or None,
            "proposed": accepted.total() + refused.total(),
            "accepted": dict(accepted.most_common()),
            "refused": dict(refused.most_common()),
        }
        for uid, (accepted, refused) in sorted(found.items())
    ]


def tell_result(context: Context) -> str:
    """Tell what became of a presentation context that was proposed (PS3.8 Table 9-18)."""
    if context.result is None:
        return "not answered"
    return CONTEXT_RESULTS.get(context.result, f"result {context.result}")


def report_tcp(carriages: Iterable[Carriage | None]) -> Report:
    """Give how TCP carried the connections with associations."""
    known = [carriage for carriage in carriages if carriage is not None]
    trips = array("q", (each.round_trip for each in known if each.round_trip is not None))
    return {
        "connections": len(known),
        "reset": sum(each.reset for each in known),
        "segments_sent_again": sum(each.sent_again for each in known),
        "bytes_missing": sum(each.missing for each in known),
        "seconds_window_shut": sum(each.shut for each in known) / BILLION,
        "seconds_acknowledgement_delayed": sum(each.delayed for each in known) / BILLION,
        "round_trip": convert_to_seconds(measure(trips)) if trips else None,
    }


def convert_to_seconds(figures: dict[str, float]) -> Report:
    """Give least, median, 95th percentile and greatest of times, which are in nanoseconds, in seconds."""
    return {name: figures[name] / BILLION for name in ("min", "median", "p95", "max")}


def measure(numbers: Sequence[int]) -> dict[str, float]:
    """Give count, sum, least, median, 95th percentile (nearest rank) and greatest of numbers."""
    ordered = sorted(numbers)
    count = len(ordered)
    if not count:
        return {"count": 0, "sum": 0, "min": 0, "median": 0, "p95": 0, "max": 0}
    middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    rank = -(-count * 95 // 100) - 1
    median = int(middle) if middle.is_integer() else middle
    return {
        "count": count, "sum": sum(ordered), "min": ordered[0], "median": median, "p95": ordered[rank],
        "max": ordered[-1],
    }  # fmt: skip
