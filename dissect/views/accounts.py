"""The accounts of associations, in: a line of JSON or CSV each, out."""

import json
from collections.abc import Iterable, Iterator

from dissect.amounts import BILLION
from dissect.association import Context
from dissect.capture.segments import Capture
from dissect.catalogue import SEVERITIES
from dissect.dicom.values import name_uid
from dissect.ledger import OUTCOMES, Account, Tally
from dissect.quality import Carriage
from dissect.stats import report_operation, tell_result
from dissect.views.listing import make_csv_writer, show_cell

SCHEMA = 1
"""The version of the JSON lines' form."""


def list_jsonl(accounts: Iterable[Account], sealed: Iterable[Carriage], capture: Capture) -> Iterator[str]:
    """Give each association, and each connection that is TLS, as a line of JSON, its keys in fixed order."""
    for account in accounts:
        yield json.dumps(make_record(account, capture)) + "\n"
    for carriage in sealed:
        yield json.dumps(make_sealed_record(carriage, capture)) + "\n"


def make_record(account: Account, capture: Capture) -> dict[str, object]:
    """Make an association's record.

    Returns
    -------
    dict
        `schema`; `association`, its number; AE titles; `requestor` and `acceptor` as `address:port`; `sides`, both ends
        with the role of each, how many bytes of PDUs it sent, and at which rate in bytes a second; `tls`; `start` in
        seconds since the epoch as a decimal string, `duration` in seconds; `frames`, the first and the last that
        completed a PDU; `pdus`; `contexts`; `operations`; `round_trip` in seconds; `end`; `failures`, how much failed;
        `problems` by severity, `notes` by code; `tcp`. What the capture does not tell is null.

    """
    seconds = account.measure_duration(capture)
    contexts, carriage = account.contexts.values(), account.carriage
    return {
        "schema": SCHEMA,
        "association": account.number,
        "calling": account.calling or None,
        "called": account.called or None,
        "requestor": account.requestor,
        "acceptor": account.acceptor,
        "sides": [
            {
                "end": end,
                "role": account.find_role(end),
                "bytes": count,
                "rate": count / seconds if seconds > 0 else None,
            }
            for end, count in account.sent.items()
        ],
        "tls": False,
        "start": capture.tell_time(account.first),
        "duration": seconds,
        "frames": [account.first, account.last],
        "pdus": account.pdus,
        "contexts": [make_context_record(context) for context in contexts],
        "operations": [report_operation(kind, tally) for kind, tally in account.operations.items()],
        "round_trip": None if carriage is None else tell_round_trip(carriage),
        "end": {"how": account.end.how, "by": account.ended_by, "why": account.end.why or None},
        "failures": account.failures,
        "problems": {kind: account.problems[kind] for kind in SEVERITIES},
        "notes": dict(account.codes.most_common()),
        "tcp": None if carriage is None else make_tcp_record(carriage),
    }


def tell_round_trip(carriage: Carriage) -> float | None:
    """Give the seconds of the TCP handshake."""
    return None if carriage.round_trip is None else carriage.round_trip / BILLION


def make_context_record(context: Context) -> dict[str, object]:
    """Make the record of a presentation context; `result` is null where it was not answered."""
    return {
        "id": context.context_id,
        "abstract_syntax": context.abstract or None,
        "name": name_uid(context.abstract) or None,
        "offered": list(context.offered),
        "result": context.result,
        "refused": tell_result(context) if context.is_refused else None,
        "transfer_syntax": context.transfer or None,
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
    ends = (carriage.opener, carriage.peer)
    roles = ("requestor", "acceptor") if carriage.known else (None, None)
    return {
        "schema": SCHEMA,
        "association": None,
        "calling": None,
        "called": None,
        "requestor": carriage.opener if carriage.known else None,
        "acceptor": carriage.peer if carriage.known else None,
        "sides": [
            {"end": end, "role": role, "bytes": count, "rate": None}
            for end, role, count in zip(ends, roles, carriage.sent, strict=True)
        ],
        "tls": True,
        "start": capture.tell_time(carriage.frames[0]),
        "duration": carriage.measure_duration(capture),
        "frames": list(carriage.frames),
        "pdus": 0,
        "contexts": [],
        "operations": [],
        "round_trip": tell_round_trip(carriage),
        "end": None,
        "failures": 0,
        "problems": dict.fromkeys(SEVERITIES, 0),
        "notes": {},
        "tcp": make_tcp_record(carriage),
    }


CSV_COLUMNS = (
    "association", "calling", "called", "requestor", "acceptor", "tls", "start", "duration", "pdus", "first_end",
    "second_end", "first_bytes", "second_bytes", "round_trip", "failures", "proposed", "accepted", "refused",
    "operations", "requests", *OUTCOMES, "unanswered", "end", "ended_by", "reason", "errors", "warnings", "remarks",
)  # fmt: skip


def list_csv(accounts: Iterable[Account], sealed: Iterable[Carriage], capture: Capture) -> Iterator[str]:
    """Give each association, and each connection that is TLS, as a line of CSV under a line of names."""
    write = make_csv_writer()
    yield write(CSV_COLUMNS)
    for account in accounts:
        cells = make_cells(make_record(account, capture)) | sum_up(account)
        yield write(show_cell(cells[name]) for name in CSV_COLUMNS)
    for carriage in sealed:
        cells = make_cells(make_sealed_record(carriage, capture))
        yield write(show_cell(cells.get(name)) for name in CSV_COLUMNS)


def make_cells(record: dict[str, object]) -> dict[str, object]:
    """Make the cells that a record has, by their names."""
    sides = record["sides"]
    assert isinstance(sides, list)
    places = ("first", "second")
    ends = {f"{place}_end": side["end"] for place, side in zip(places, sides, strict=True)}
    return record | ends | {f"{place}_bytes": side["bytes"] for place, side in zip(places, sides, strict=True)}


def sum_up(account: Account) -> dict[str, object]:
    """Make the cells in which an association's contexts, operations and notes are summed up."""
    contexts = account.contexts.values()
    whole = Tally()
    for tally in account.operations.values():
        whole.add(tally)
    problems = account.problems
    return {
        "proposed": len(contexts),
        "accepted": account.accepted,
        "refused": sum(context.is_refused for context in contexts),
        "operations": " ".join(f"{name}:{tally.requests}" for name, tally in account.sum_operations().items()),
        "requests": whole.requests,
        **{outcome: getattr(whole, outcome) for outcome in OUTCOMES},
        "unanswered": whole.unanswered,
        "end": account.end.how,
        "ended_by": account.ended_by,
        "reason": account.end.why,
        **{f"{severity}s": problems[severity] for severity in SEVERITIES},
    }
