"""The operations of a capture: which messages belong together, and in what order."""

from pathlib import Path

import pytest

from dissect.config import Config
from dissect.diff.exchange import Exchange
from dissect.diff.loading import load_exchange
from tests import build
from tests.conftest import ROOT
from tests.exchanges import FIND, encode, write


def load(path: Path | str) -> Exchange:
    """Read a capture."""
    return load_exchange(str(path), Config())


def list_operations(exchange: Exchange) -> list[list[str]]:
    """Give the messages of each operation by their keys."""
    return [[message.key for message in exchange.read_messages(at)] for at in range(len(exchange))]


def test_a_request_and_all_its_responses_are_an_operation(tmp_path: Path) -> None:
    query = encode({0x00100010: ("PN", "*")})
    talk = build.Talk().open()
    talk.request(build.associate_rq([(1, FIND, [build.IMPLICIT])])).answer(build.associate_ac())
    for number in (1, 2):
        talk.request(*build.message(1, build.c_find_rq(number, FIND), query))
    for number in (2, 1):  # in turns, as asynchronous operations may be
        talk.answer(*build.message(1, build.c_find_rsp(number, FIND, 0xFF00, True), query))
    for number in (1, 2):
        talk.answer(*build.message(1, build.c_find_rsp(number, FIND, 0, False)))
    [name] = write(tmp_path, talk.close())
    exchange = load(name)
    assert list_operations(exchange) == [
        ["c-find-rq.1", "c-find-rsp.2", "c-find-rsp.3"],
        ["c-find-rq.2", "c-find-rsp.1", "c-find-rsp.4"],
    ]
    assert [exchange.kind(at).side for at in (0, 1)] == ["requestor", "requestor"]
    assert (exchange.talks[0].first, exchange.talks[0].stop) == (0, 2)


def test_a_cancel_belongs_to_what_it_cancels() -> None:
    exchange = load(ROOT / "captures" / "c-find-cancelled.pcap")
    [operation] = [messages for messages in list_operations(exchange) if messages[0].startswith("c-find-rq")]
    assert any(key.startswith("c-cancel-rq") for key in operation)


def test_what_the_acceptor_invokes_is_an_operation_of_its_own() -> None:
    exchange = load(ROOT / "captures" / "c-get.pcap")
    kinds = {(exchange.kind(at).name, exchange.kind(at).side) for at in range(len(exchange))}
    assert {("C-GET-RQ", "requestor"), ("C-STORE-RQ", "acceptor")} <= kinds


def test_a_response_without_a_request_is_an_operation(tmp_path: Path) -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    [name] = write(tmp_path, talk.answer(*build.message(1, build.c_echo_rsp(9))).close())
    exchange = load(name)
    assert list_operations(exchange) == [["c-echo-rsp.1"]]
    assert exchange.kind(0).name == "C-ECHO-RSP"


@pytest.mark.parametrize("name", ["c-move.pcap", "storage-commitment.pcap", "negotiation.pcap"])
def test_each_association_has_its_own_operations(name: str) -> None:
    exchange = load(ROOT / "captures" / name)
    assert [talk.first for talk in exchange.talks[1:]] == [talk.stop for talk in exchange.talks[:-1]]
    assert exchange.talks[-1].stop == len(exchange)
    for talk in exchange.talks:
        for at in range(talk.first, talk.stop):
            first, last = exchange.find_frames(at)
            frames = exchange.list_frames(at)
            assert (frames[0], frames[-1]) == (first, last)
