"""What a check finds: the notes of all PDUs, what ends show, whose doing it is, and how much of it is kept."""

import tracemalloc
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from dissect.catalogue import CATALOG
from dissect.checking import Check, find_culprit, is_gap
from dissect.config import Config
from dissect.notes import Finding
from dissect.query import Filter
from dissect.reading import Reading
from dissect.rules.endings import MOST_KEPT, Ending, Endings
from tests import build
from tests.conftest import BUILT, RECORDED, open_bytes
from tests.trees import read_talk

ODD = build.p_data(build.pdv(1, 0x03, b"odd"))
"""A PDU with a PDV of odd length, which is no command set either."""


class Given(Endings):
    """What ends show, instead of what a reading finds."""

    def __init__(self, *endings: Ending) -> None:
        super().__init__()
        for ending in endings:
            super().add(ending)

    def add(self, ending: Ending) -> None:
        pass


def check(
    data: bytes,
    wanted: str = "",
    codes: Iterable[str] = CATALOG,
    *,
    shallow: bool = False,
    endings: Endings | None = None,
) -> Check:
    """Check a capture file; `endings` are what its ends show."""
    reading = Reading(open_bytes(data), Config(), Filter(wanted) if wanted else None)
    found = Check(reading, tuple(codes), filtered=bool(wanted), shallow=shallow)
    if endings is not None:
        reading.associations.endings = endings
    return found.run()


def check_talk(*talks: build.Talk, wanted: str = "", shallow: bool = False, endings: Endings | None = None) -> Check:
    """Check conversations."""
    return check(
        build.pcap([frame for talk in talks for frame in talk.frames]), wanted, shallow=shallow, endings=endings
    )


def count(found: Check) -> dict[str, int]:
    """Give how often each rule was broken."""
    return {group.code: group.count for group in found.list_groups()}


def open_talk(talk: build.Talk | None = None) -> build.Talk:
    """Begin an association."""
    return (talk or build.Talk()).open().request(build.associate_rq()).answer(build.associate_ac())


def end(talk: build.Talk) -> build.Talk:
    """Release an association, and close the connection."""
    return talk.release()


def test_a_sound_exchange_breaks_no_rule() -> None:
    found = check_talk(build.echo_talk(), endings=Given())
    assert (count(found), found.associations, found.reading.given) == ({}, 1, 6)


def test_a_note_on_a_pdu_has_its_place_and_the_side_that_sent_it() -> None:
    found = check_talk(end(open_talk().request(ODD)), endings=Given())
    [group] = [each for each in found.list_groups() if each.code == "pdv-odd"]
    [breach] = group.breaches
    assert (breach.association, breach.pdu, breach.frames) == (1, 3, [6])
    assert breach.path == "association.1/p-data-tf.1/pdv.1"
    assert (breach.culprit.role, breach.culprit.title, breach.culprit.side) == (
        "requestor",
        "REQUESTOR",
        "10.0.0.1:50000",
    )


def test_what_the_receiver_does_is_the_other_sides_and_what_the_capture_does_nobodys() -> None:
    _, answer, *_ = read_talk(build.echo_talk())
    assert find_culprit(answer, "sender").role == "acceptor"
    assert find_culprit(answer, "receiver").title == "REQUESTOR"
    for blame in ("capture", "nobody"):
        culprit = find_culprit(answer, blame)
        assert (culprit.side, culprit.role, culprit.title) == ("", None, "")


def test_a_data_set_is_decoded_unless_the_check_is_shallow() -> None:
    data = build.element(0x00080060, "CS", b"CTX") + build.element(0x00080070, "LO", b"ODD")
    talk = build.store_talk(data)
    assert count(check_talk(talk, endings=Given()))["element-odd"] == 2
    assert "element-odd" not in count(check_talk(talk, shallow=True, endings=Given()))


@pytest.mark.parametrize("path", [*RECORDED, *BUILT], ids=lambda path: path.name)
def test_no_note_of_a_capture_is_passed_over(path: Path) -> None:
    data = path.read_bytes()
    everything: Counter[str] = Counter()
    for subject in Reading(open_bytes(data), Config()):
        everything.update(found.code for _, node in subject.top.walk() for found in node.notes)
    deep = check(data, endings=Given())
    assert count(deep) == everything
    shallow = check(data, shallow=True, endings=Given())
    assert count(shallow).items() <= count(deep).items()


@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.name)
def test_a_shallow_check_finds_at_the_same_places_what_is_in_no_data_set(path: Path) -> None:
    data = path.read_bytes()
    deep, shallow = check(data, endings=Given()), check(data, shallow=True, endings=Given())

    def list_places(found: Check) -> set[tuple[str, int, str]]:
        return {(each.code, breach.pdu, breach.path) for each in found.list_groups() for breach in each.breaches}

    assert list_places(shallow) <= list_places(deep)


def test_bytes_that_the_capture_lacks_are_told_of_once_a_pdu() -> None:
    data = build.element(0x7FE00010, "OW", bytes(9000))
    talk = build.store_talk(data, talk=build.Talk(mss=1000))
    del talk.frames[12]
    for shallow in (False, True):
        found = check_talk(talk, shallow=shallow, endings=Given())
        gaps = [each for each in found.list_groups() if each.code == "stream-gap"]
        assert [each.count for each in gaps] == [1]
        places = [breach.path for each in gaps for breach in each.breaches]
        assert len(set(places)) == len(places)
        assert all(not breach.culprit.side for each in found.list_groups() if is_gap(each.breaches[0].note)
                   for breach in each.breaches if breach.pdu)  # fmt: skip


def test_all_are_counted_and_the_first_hundred_are_kept() -> None:
    found = check_talk(end(open_talk().request(*[ODD] * 250)), endings=Given())
    [group] = [each for each in found.list_groups() if each.code == "pdv-odd"]
    assert (group.count, len(group.breaches), group.more) == (250, MOST_KEPT, 150)
    assert [breach.pdu for breach in group.breaches] == list(range(3, 103))


def test_more_breaches_take_no_more_memory() -> None:
    def measure(many: int) -> int:
        data = build.pcap(end(open_talk().request(*[build.pdu(0x55, b"")] * many)).frames)
        check(data)
        tracemalloc.start()
        found = check(data)
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert found.list_groups()
        return kept

    assert measure(1600) - measure(400) < 1200 * 100  # what a capture remembers of a frame is less


def test_the_worst_come_first_then_the_most_frequent_then_what_came_first() -> None:
    talk = open_talk().request(build.pdu(0x55, b""), ODD).answer(build.abort(0, 1))
    groups = check_talk(end(talk), endings=Given()).list_groups()
    ranks = ["error", "warning", "remark"]
    keys = [(ranks.index(each.rule.severity), -each.count, each.breaches[0].frames[0]) for each in groups]
    assert keys == sorted(keys)
    assert len({each.rule.severity for each in groups}) > 1
    assert groups[0].reaches("error")
    assert groups[0].reaches("remark")
    assert not groups[-1].reaches("error")
    assert not any(each.reaches("never") for each in groups)


def test_only_the_codes_that_are_asked_for_count() -> None:
    data = build.pcap(end(open_talk().request(ODD)).frames)
    assert count(check(data, codes=["pdv-odd"])) == {"pdv-odd": 1}
    assert "pdv-odd" not in count(check(data, codes=[code for code in CATALOG if code != "pdv-odd"]))


def test_a_filter_narrows_what_is_checked() -> None:
    talks = [end(open_talk(build.Talk(requestor=("10.0.0.1", 50000 + each))).request(ODD)) for each in range(3)]
    found = check_talk(*talks, wanted="assoc == 2", endings=Given())
    assert (count(found)["pdv-odd"], found.associations) == (1, 1)
    assert "pdv-odd" not in count(check_talk(*talks, wanted="pdu.type == 1", endings=Given()))


def test_what_is_wrong_with_a_connection_is_told_with_its_side() -> None:
    talk = open_talk().reset(by_requestor=False)
    found = check_talk(talk)
    [group] = [each for each in found.list_groups() if each.code == "connection-reset"]
    [breach] = group.breaches
    assert (breach.pdu, breach.path, breach.association, breach.frames) == (0, "", 1, [len(talk.frames)])
    assert (breach.culprit.role, breach.culprit.title) == ("acceptor", "ACCEPTOR")
    assert count(check_talk(talk, wanted="assoc == 2")) == {}


def make_endings(*pdus: int) -> Given:
    """Make what ends show of PDUs by their numbers."""
    finding = Finding("connection-late", "", {})
    return Given(*(Ending(finding, 1, pdu, [pdu], "10.0.0.2:104", "acceptor") for pdu in pdus))


def test_what_ends_show_is_told_with_the_title_of_its_side() -> None:
    found = check_talk(build.echo_talk(), endings=make_endings(4))
    [group] = found.list_groups()
    [breach] = group.breaches
    assert (breach.pdu, breach.frames, breach.path, breach.culprit.title) == (4, [4], "", "ACCEPTOR")
    assert breach.note.text == CATALOG["connection-late"].sentence


def test_what_ends_show_is_counted_in_full() -> None:
    found = check_talk(build.echo_talk(), endings=make_endings(*[4] * 130))
    [group] = found.list_groups()
    assert (group.count, group.more) == (130, 30)


@pytest.mark.parametrize(
    ("wanted", "told"), [("pdu == 4", [4, 0]), ("pdu == 3", [0]), ("assoc == 1", [4, 0]), ("assoc == 2", [])]
)
def test_with_a_filter_ends_show_what_it_held_for(wanted: str, told: list[int]) -> None:
    found = check_talk(build.echo_talk(), wanted=wanted, endings=make_endings(3000, 4, 0))
    assert [breach.pdu for group in found.list_groups() for breach in group.breaches] == told
