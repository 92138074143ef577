"""The accounts of associations, in: a line of JSON or CSV each, out."""

import json
from collections.abc import Iterable, Iterator

from dissect.association import Context
from dissect.capture import Capture
from dissect.ledger import ACCEPTED, SEVERITIES, Account, Tally
from dissect.quality import Carriage
from dissect.records import BILLION
from dissect.stats import report_times
from dissect.terms import CONTEXT_RESULTS
from dissect.values import name_uid
from dissect.views.listing import make_csv_writer, show_cell

SCHEMA = 1
"""The version of the JSON lines' form."""


def list_jsonl(accounts: Iterable[Account], sealed: Iterable[Carriage], capture: Capture) -> Iterator[str]:
    """Give each association, and each connection that is TLS, as a line of JSON, its keys in fixed order."""
    encode = json.JSONEncoder(separators=(", ", ": ")).encode
    for account in accounts:
        yield encode(make_record(account, capture)) + "\n"
    for carriage in sealed:
        yield encode(make_sealed_record(carriage, capture)) + "\n"


def make_record(account: Account, capture: Capture) -> dict[str, object]:
    """Make an association's record.

    Returns
    -------
    dict
        `schema`; `association`, its number; AE titles; ends as `address:port`; `tls`; `start` in seconds since the
        epoch as a decimal string, `duration` in seconds; `frames`, the first and the last that completed a PDU; `pdus`;
        `contexts`; `operations`; `bytes` and `rate` (bytes a second) by `requestor` and `acceptor`; `round_trip` in
        seconds; `end`; `failures`, how much failed; `problems` by severity, `notes` by code; `tcp`. What the capture
        does not tell is null.

    """
    seconds = account.measure_duration(capture)
    ends = {"requestor": account.requestor or account.sides[0], "acceptor": account.acceptor or account.sides[1]}
    sent = {role: account.sent.get(end, 0) for role, end in ends.items()}
    contexts = account.contexts.values()
    carriage = account.carriage
    return {
        "schema": SCHEMA,
        "association": account.number,
        "calling": account.calling or None,
        "called": account.called or None,
        **ends,
        "roles_known": account.requestor is not None,
        "tls": False,
        "start": capture.tell_time(account.first),
        "duration": seconds,
        "frames": [account.first, account.last],
        "pdus": account.pdus,
        "contexts": [make_context_record(context) for context in contexts],
        "operations": [make_operation_record(*kind, tally) for kind, tally in account.operations.items()],
        "bytes": sent,
        "rate": {role: count / seconds if seconds > 0 else None for role, count in sent.items()},
        "round_trip": carriage.round_trip / BILLION if carriage and carriage.round_trip is not None else None,
        "end": {"how": account.end.how, "by": account.ended_by, "why": account.end.why or None},
        "failures": account.failures,
        "problems": {kind: account.problems[kind] for kind in SEVERITIES},
        "notes": dict(account.codes.most_common()),
        "tcp": None if carriage is None else make_tcp_record(carriage),
    }


def make_context_record(context: Context) -> dict[str, object]:
    """Make the record of a presentation context; `result` is null where it was not answered."""
    refused = context.result not in (ACCEPTED, None)
    return {
        "id": context.context_id,
        "abstract_syntax": context.abstract or None,
        "name": name_uid(context.abstract) or None,
        "offered": list(context.offered),
        "result": context.result,
        "refused": CONTEXT_RESULTS.get(context.result or 0, f"result {context.result}") if refused else None,
        "transfer_syntax": context.transfer or None,
    }


def make_operation_record(name: str, uid: str, tally: Tally) -> dict[str, object]:
    """Make the record of the operations of a kind."""
    return {
        "operation": name,
        "sop_class": uid or None,
        "name": name_uid(uid) or None,
        "requests": tally.requests,
        "success": tally.outcomes["success"],
        "warning": tally.outcomes["warning"],
        "failure": tally.failed,
        "cancel": tally.outcomes["cancel"],
        "unanswered": max(tally.requests - tally.answered, 0),
        "pending": tally.pending,
        "bytes": tally.size,
        "response_time": report_times(tally),
    }


def make_tcp_record(carriage: Carriage) -> dict[str, object]:
    """Make the record of how TCP carried a connection; times in seconds."""
    return {
        "frames": list(carriage.frames),
        "segments_sent_again": carriage.sent_again,
        "bytes_missing": carriage.missing,
        "seconds_window_shut": carriage.shut / BILLION,
        "seconds_acknowledgement_delayed": carriage.delayed / BILLION,
        "reset": carriage.reset,
    }


def make_sealed_record(carriage: Carriage, capture: Capture) -> dict[str, object]:
    """Make the record of a connection that is TLS: the keys of an association's, null where nobody can look."""
    first, last = carriage.frames
    ends = {"requestor": carriage.opener, "acceptor": carriage.peer}
    return {
        "schema": SCHEMA,
        "association": None,
        "calling": None,
        "called": None,
        **ends,
        "roles_known": True,
        "tls": True,
        "start": capture.tell_time(first),
        "duration": (capture.times[last - 1] - capture.times[first - 1]) / BILLION,
        "frames": [first, last],
        "pdus": 0,
        "contexts": [],
        "operations": [],
        "bytes": dict(zip(("requestor", "acceptor"), carriage.sent, strict=True)),
        "rate": {"requestor": None, "acceptor": None},
        "round_trip": None if carriage.round_trip is None else carriage.round_trip / BILLION,
        "end": None,
        "failures": 0,
        "problems": dict.fromkeys(SEVERITIES, 0),
        "notes": {},
        "tcp": make_tcp_record(carriage),
    }


CSV_COLUMNS = (
    "association", "calling", "called", "requestor", "acceptor", "tls", "start", "duration", "pdus", "proposed",
    "accepted", "refused", "operations", "requests", "succeeded", "failed", "unanswered", "bytes_requestor",
    "bytes_acceptor", "round_trip", "end", "ended_by", "reason", "errors", "warnings", "remarks",
)  # fmt: skip


def list_csv(accounts: Iterable[Account], sealed: Iterable[Carriage], capture: Capture) -> Iterator[str]:
    """Give each association, and each connection that is TLS, as a line of CSV under a line of names."""
    write = make_csv_writer()
    yield write(CSV_COLUMNS)
    for account in accounts:
        yield write(map(show_cell, make_cells(account, capture)))
    for carriage in sealed:
        record = make_sealed_record(carriage, capture)
        cells = [record.get(key) for key in CSV_COLUMNS[:9]]
        cells += [""] * 8 + [*carriage.sent, record["round_trip"], "", "", "", 0, 0, 0]
        yield write(map(show_cell, cells))


def make_cells(account: Account, capture: Capture) -> list[object]:
    """Make the cells of an association's line of CSV."""
    record = make_record(account, capture)
    results = [context.result for context in account.contexts.values()]
    tallies = account.sum_operations()
    requests, answered = (sum(getattr(each, what) for each in tallies.values()) for what in ("requests", "answered"))
    sent = record["bytes"]
    assert isinstance(sent, dict)
    problems = account.problems
    return [
        *(record[key] for key in CSV_COLUMNS[:9]),
        len(results),
        results.count(ACCEPTED),
        sum(result not in (ACCEPTED, None) for result in results),
        " ".join(f"{name}:{tally.requests}" for name, tally in tallies.items()),
        requests,
        sum(tally.outcomes["success"] for tally in tallies.values()),
        sum(tally.failed for tally in tallies.values()),
        max(requests - answered, 0),
        *sent.values(),
        record["round_trip"],
        account.end.how,
        account.ended_by,
        account.end.why,
        *(problems[kind] for kind in SEVERITIES),
    ]
