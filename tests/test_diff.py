"""What differs between two exchanges, and what does not."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from dissect.config import Config
from dissect.diff.comparison import Comparison, DiffError
from dissect.diff.fields import Field
from dissect.diff.loading import compare_files
from dissect.diff.recording import Recording
from dissect.differing import DiffSettings
from tests import build
from tests.conftest import BUILT, RECORDED
from tests.exchanges import Elements, Image, compare, find, list_told, store, write

IMAGES = [Image(number) for number in range(1, 5)]


def renew(images: Iterable[Image]) -> list[Image]:
    """Give all instances other UIDs, one for one."""
    return [replace(each, study="2.25.11", series="2.25.21", instance=f"2.25.77{each.number}") for each in images]


def share_studies(many: int) -> Callable[[Elements], Elements]:
    """Give each so many matches a study."""
    numbers = count()
    return lambda match: {**match, 0x0020000D: ("UI", f"2.25.{next(numbers) // many}")}


@pytest.mark.parametrize("path", [*RECORDED, *BUILT], ids=lambda path: path.name)
def test_a_capture_does_not_differ_from_itself(path: Path) -> None:
    settings = DiffSettings(notes=True, allow_gaps=True)
    assert not list(compare_files(str(path), str(path), settings, Config()))


def test_fragments_times_and_addresses_make_no_difference(tmp_path: Path) -> None:
    other = build.Talk(("10.9.9.9", 40000), ("10.9.9.8", 11112), mss=400, start=1_800_000_000_000_000_000)
    comparison = compare(tmp_path, store(IMAGES), store(IMAGES, pdv_size=100, talk=other))
    assert not list(comparison)


def test_in_how_many_pdus_a_message_came_is_a_note_where_it_is_asked_for(tmp_path: Path) -> None:
    comparison = compare(tmp_path, store(IMAGES[:1]), store(IMAGES[:1], pdv_size=400), DiffSettings(notes=True))
    [found] = comparison
    assert (found.weight, found.path, found.old, found.new) == ("note", "association.1/c-store-rq.1", "2, 1", "3, 1")


def test_other_uids_one_for_one_are_no_difference(tmp_path: Path) -> None:
    assert not list(compare(tmp_path, store(IMAGES), store(renew(IMAGES))))


def test_other_uids_are_differences_where_all_is_compared_strictly(tmp_path: Path) -> None:
    comparison = compare(tmp_path, store(IMAGES[:1]), store(renew(IMAGES[:1])), DiffSettings(profile="strict"))
    assert [found.path.rpartition("/")[2] for found in comparison] == [
        "0000,1000", "0008,0018", "0020,000d", "0020,000e", "0000,1000",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [0, 2, 3])
def test_an_instance_in_a_wrong_series_is_told_with_both_places(wrong: int, tmp_path: Path) -> None:
    images = renew(IMAGES)
    images[wrong] = replace(images[wrong], series="2.25.99")
    [found] = compare(tmp_path, store(IMAGES), store(images))
    place = f"association.1/c-store-rq.{wrong + 1}/data-set/0020,000e"
    assert (found.change, found.weight, found.path) == ("uid-relation", "change", place)
    assert (found.old, found.new) == ("2.25.20", "2.25.99")
    [other] = found.contradictions
    right = 2 if wrong == 0 else 1
    assert (other.old, other.new) == ("2.25.20", "2.25.21")
    assert other.old_path == other.new_path == f"association.1/c-store-rq.{right}/data-set/0020,000e"


def test_two_uids_that_become_one_are_told_of(tmp_path: Path) -> None:
    two = [replace(IMAGES[0], series="2.25.20"), replace(IMAGES[1], series="2.25.22"), *IMAGES[2:]]
    [found] = compare(tmp_path, store(two), store(IMAGES))
    assert (found.change, found.old, found.new) == ("uid-relation", "2.25.22", "2.25.20")


def test_many_uids_that_break_the_relation_are_found_in_few_readings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[int] = []
    read = Recording.read_message

    def count_reading(recording: Recording, operation: int, place: int) -> Field:
        readings.append(place)
        return read(recording, operation, place)

    monkeypatch.setattr(Recording, "read_message", count_reading)
    names = [f"Doe^{number}" for number in range(40)]
    found = list(compare(tmp_path, find(names, change=share_studies(2)), find(names, change=share_studies(1))))
    assert [(each.change, len(each.contradictions)) for each in found] == [("uid-relation", 1)] * 20
    assert len(readings) < 10 * len(names)


def test_a_uid_of_what_is_the_same_byte_by_byte_counts_as_well(tmp_path: Path) -> None:
    changed = [*IMAGES[:3], replace(IMAGES[3], series="2.25.99")]
    [found] = compare(tmp_path, store(IMAGES), store(changed))
    assert (found.change, found.path) == ("uid-relation", "association.1/c-store-rq.4/data-set/0020,000e")


def test_a_status_of_another_class_is_a_break_and_another_value_a_change(tmp_path: Path) -> None:
    def answer(status: int) -> build.Talk:
        return store([replace(IMAGES[0], status=status)])

    path = "association.1/c-store-rsp.1/command-set/0000,0900"
    assert list_told(compare(tmp_path, answer(0), answer(0xB000))) == [("changed", "break", path, "0x0000", "0xB000")]
    assert list_told(compare(tmp_path, answer(0xB000), answer(0xB007))) == [
        ("changed", "change", path, "0xB000", "0xB007")
    ]
    assert list_told(compare(tmp_path, answer(0xA700), answer(0xB007))) == [
        ("changed", "break", path, "0xA700", "0xB007")
    ]


def test_an_operation_more_is_told_of_and_the_others_are_found_again(tmp_path: Path) -> None:
    for place in range(5):
        more = [*IMAGES[:place], Image(9), *IMAGES[place:]]
        told = list_told(compare(tmp_path, store(IMAGES), store(more)))
        assert told == [("added", "change", f"association.1/c-store-rq.{place + 1}", None, "CT Image Storage")]
        told = list_told(compare(tmp_path, store(more), store(IMAGES)))
        assert told == [("removed", "change", f"association.1/c-store-rq.{place + 1}", "CT Image Storage", None)]


def test_operations_are_found_again_though_all_have_other_uids_and_dates(tmp_path: Path) -> None:
    later = [replace(each, more={0x00080020: ("DA", "20250101")}) for each in renew([Image(9), *IMAGES])]
    comparison = compare(tmp_path, store(IMAGES), store(later))
    told = list_told(comparison)
    assert told[0] == ("added", "change", "association.1/c-store-rq.1", None, "CT Image Storage")
    assert told[1:] == [
        ("changed", "change", f"association.1/c-store-rq.{place}/data-set/0008,0020", "20240229", "20250101")
        for place in range(2, 6)
    ]


def test_another_order_is_a_difference_but_where_order_is_nothing(tmp_path: Path) -> None:
    shuffled = [IMAGES[2], IMAGES[0], IMAGES[1], IMAGES[3]]
    [found] = compare(tmp_path, store(IMAGES), store(shuffled))
    assert (found.name, found.old, found.new, found.weight) == ("Order", "#3", "#1", "change")
    assert (found.old_place.path, found.new_place.path) == ("association.1/c-store-rq.3", "association.1/c-store-rq.1")
    assert not list(compare(tmp_path, store(IMAGES), store(shuffled), DiffSettings(ignore_order=True)))
    assert not list(compare(tmp_path, store(IMAGES), store(renew(shuffled)), DiffSettings(ignore_order=True)))


def test_among_many_that_are_alike_those_that_fail_are_told_at_their_places(tmp_path: Path) -> None:
    def echo(*failing: int) -> build.Talk:
        talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
        for number in range(1, 301):
            talk.request(*build.message(1, build.c_echo_rq(number)))
            talk.answer(*build.message(1, build.c_echo_rsp(number, 0x0122 if number in failing else 0)))
        return talk.close()

    told = list_told(compare(tmp_path, echo(), echo(140, 280)))
    assert [path for _, _, path, _, _ in told] == [
        f"association.1/c-echo-rsp.{number}/command-set/0000,0900" for number in (140, 280)
    ]


def test_three_in_reverse_are_two_that_have_changed_their_places(tmp_path: Path) -> None:
    found = list(compare(tmp_path, store(IMAGES[:3]), store(IMAGES[2::-1])))
    assert [(each.name, each.old, each.new) for each in found] == [("Order", "#1", "#3"), ("Order", "#3", "#1")]
    assert all(each.old_place.frames and each.new_place.frames for each in found)


def test_matches_are_found_again_where_one_is_left_out_or_changed(tmp_path: Path) -> None:
    [found] = compare(tmp_path, find(), find(["Adams^Ann", "Clark^Cat"], change=renumber))
    assert (found.change, found.path) == ("removed", "association.1/c-find-rsp.2")
    told = list_told(compare(tmp_path, find(), find(["Adams^Ann", "Baker^Bert", "Clark^Cat"])))
    assert told == [("changed", "change", "association.1/c-find-rsp.2/data-set/0010,0010", "Baker^Bob", "Baker^Bert")]


def renumber(elements: Elements) -> Elements:
    """Give the third match the ID that it has where there are three."""
    found = dict(elements)
    if found[0x00100010][1] == "Clark^Cat":
        found[0x00100020] = ("LO", "P2")
    return found


def test_message_ids_only_tie_responses_to_requests(tmp_path: Path) -> None:
    assert not list(compare(tmp_path, find(), find(message_id=77)))


def test_masks_hide_differences_and_count_them(tmp_path: Path) -> None:
    old = store([Image(1)])
    new = store([Image(1, more={0x00080020: ("DA", "20250101"), 0x00100010: ("PN", "Roe^Rick")})])
    comparison = compare(tmp_path, old, new, DiffSettings(mask_dates=True, ignore=("PatientName",)))
    assert not list(comparison)
    assert comparison.hidden == {"VR:DA": 1, "PatientName": 1}


def test_only_what_is_named_is_compared(tmp_path: Path) -> None:
    old = store([Image(1)])
    new = store([Image(1, more={0x00080020: ("DA", "20250101"), 0x00100010: ("PN", "Roe^Rick")}, status=0xB000)])
    comparison = compare(tmp_path, old, new, DiffSettings(only=("StudyDate",)))
    assert [found.name for found in comparison] == ["Study Date"]
    comparison = compare(tmp_path, old, new, DiffSettings(only=("association.*/c-store-rsp.*",)))
    assert [found.name for found in comparison] == ["Status"]


def test_a_rule_that_alone_is_compared_and_names_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiffError, match=r"--only \*/c-find-rps\.\*: names nothing in .*, and nothing in"):
        compare(tmp_path, find(), find(), DiffSettings(only=("*/c-find-rps.*",)))


def test_values_do_not_matter_where_only_the_structure_does(tmp_path: Path) -> None:
    old, new = store([Image(1)]), store([Image(1, more={0x00100010: ("PN", "Roe^Rick"), 0x00100040: ("CS", "O")})])
    comparison = compare(tmp_path, old, new, DiffSettings(profile="structure"))
    assert [(found.change, found.name) for found in comparison] == [("added", "Patient's Sex")]


@pytest.mark.parametrize("depth", [10, 49, 51, 120, 300])
def test_what_is_nested_however_deep_is_compared(depth: int, tmp_path: Path) -> None:
    def nest(text: str) -> build.Talk:
        data = build.text(0x00080104, "LO", text)
        for _ in range(depth):
            data = build.sequence(0x0040A730, [data])
        return build.store_talk(data)

    [found] = compare(tmp_path, nest("one"), nest("two"))
    assert found.change == "changed"
    assert found.path.count("0040,a730") == min(depth, 51)


def test_the_encoding_of_values_makes_no_difference(tmp_path: Path) -> None:
    image = Image(1, more={0x00280010: ("US", b"\x00\x02"), 0x00091010: ("UN", b"\x01\x02")})
    big = replace(image, more={**image.more, 0x7FE00010: ("OW", bytes(range(200)) * 2)})
    little = replace(
        image,
        more={
            0x00280010: ("US", b"\x02\x00"),
            0x00091010: ("UN", b"\x01\x02"),
            0x7FE00010: ("OW", bytes(at ^ 1 for at in range(200)) * 2),
        },
    )
    told = list_told(compare(tmp_path, store([big], syntax=build.BIG_ENDIAN), store([little], syntax=build.EXPLICIT)))
    assert {path.rpartition("/")[2] for _, _, path, _, _ in told} <= {
        "transfer-syntax.1",
    }
    told = list_told(compare(tmp_path, store([little], syntax=build.IMPLICIT), store([little], syntax=build.EXPLICIT)))
    assert [path.rpartition("/")[2] for _, _, path, _, _ in told] == ["transfer-syntax.1", "transfer-syntax.1"]


def test_a_vr_is_compared_where_both_sides_write_it(tmp_path: Path) -> None:
    old = store([Image(1, more={0x00081030: ("LO", "Head")})], syntax=build.EXPLICIT)
    new = store([Image(1, more={0x00081030: ("SH", "Head")})], syntax=build.EXPLICIT)
    [found] = compare(tmp_path, old, new)
    assert (found.name, found.old, found.new) == ("VR of Study Description", "LO", "SH")


def test_lost_bytes_make_an_operation_incomparable_unless_gaps_are_allowed(tmp_path: Path) -> None:
    old, new = store(IMAGES[:2]), store(IMAGES[:2])
    lost = next(at for at, frame in enumerate(new.frames) if b"\x01" * 500 in frame.data)
    del new.frames[lost]
    comparison = compare(tmp_path, old, new)
    assert not list(comparison)
    assert [path for _, path in comparison.gaps] == ["association.1", "association.1/c-store-rq.1"]
    [pair] = comparison.talks
    assert [(place, each.incomparable) for place, each in pair.list_findings()] == [(0, True)]
    assert not list(compare(tmp_path, old, new, DiffSettings(allow_gaps=True)))


def test_a_negotiation_of_which_bytes_are_lost_is_not_compared(tmp_path: Path) -> None:
    torn = store(IMAGES[:1])
    del torn.frames[4:]
    torn.frames[3] = torn.frames[3]._replace(data=torn.frames[3].data[:-60])
    names = write(tmp_path, store(IMAGES[:1]), torn)
    comparison = compare_files(names[0], names[1], DiffSettings(), Config())
    assert [path for _, path in comparison.gaps] == ["association.1"]
    assert {found.change for found in comparison} == {"removed"}
    allowed = list(compare_files(names[0], names[1], DiffSettings(allow_gaps=True), Config()))
    assert any("a-associate-rq" in found.path for found in allowed)


def test_associations_are_found_again_and_can_be_paired_by_number(tmp_path: Path) -> None:
    first, second = store(IMAGES[:1]), find(talk=build.Talk(("10.0.0.1", 50001), start=build.Talk.start + 10**9))
    later = store(IMAGES[:1], talk=build.Talk(("10.0.0.1", 50002), start=build.Talk.start + 2 * 10**9))
    comparison = compare(tmp_path, [first, second], [second, later])
    assert not list_told(comparison)
    assert [(found.name, found.weight) for found in comparison] == [("Order", "note")]
    forced = compare(tmp_path, [first, second], [first, second], DiffSettings(pairs=((1, 2),)))
    pairs = [(pair.old.number, pair.new.number) for pair in forced.talks if pair.old and pair.new]
    assert pairs == [(1, 2), (2, 1)]
    with pytest.raises(DiffError, match=r"no association 9 in .*0\.pcap, which has 2"):
        compare(tmp_path, [first, second], [first, second], DiffSettings(pairs=((9, 1),)))


def test_an_association_that_is_rejected_is_a_break(tmp_path: Path) -> None:
    rejected = build.Talk().open().request(build.associate_rq([(1, build.CT_IMAGE_STORAGE, [build.IMPLICIT])]))
    rejected.answer(build.associate_rj()).close()
    told = list_told(compare(tmp_path, store(IMAGES[:1]), rejected))
    reason = "Reject Permanent, User, Called AE title not recognized"
    assert ("added", "break", "association.1/a-associate-rj.1/body", None, reason) in told
    assert ("removed", "change", "association.1/c-store-rq.1", "CT Image Storage", None) in told


@pytest.mark.parametrize("called", ["ACCEPTOR", "ANOTHER"])
def test_an_operation_in_another_context_is_told_of(called: str, tmp_path: Path) -> None:
    def send(context: int, name: str) -> build.Talk:
        proposed = [(1, build.CT_IMAGE_STORAGE, [build.IMPLICIT]), (3, build.CT_IMAGE_STORAGE, [build.EXPLICIT])]
        talk = build.Talk().open().request(build.associate_rq(proposed, called=name))
        talk.answer(build.associate_ac([(1, 0, build.IMPLICIT), (3, 0, build.EXPLICIT)], called=name))
        data = Image(1).encode(build.IMPLICIT if context == 1 else build.EXPLICIT)
        talk.request(*build.message(context, build.c_store_rq(1, build.CT_IMAGE_STORAGE, Image(1).uid), data))
        return talk.answer(*build.message(context, build.c_store_rsp(1, build.CT_IMAGE_STORAGE, Image(1).uid))).close()

    told = [each for each in compare(tmp_path, send(1, "ACCEPTOR"), send(3, called)) if "AE" not in each.name]
    assert [(each.name, each.path) for each in told] == [("Presentation Context", "association.1/c-store-rq.1")]
    assert str(told[0].old).endswith("Implicit VR Little Endian: Default Transfer Syntax for DICOM")
    assert str(told[0].new).endswith("Explicit VR Little Endian")


def test_slowness_is_told_only_where_it_is_asked_for(tmp_path: Path) -> None:
    old = store([replace(each, wait=50_000_000) for each in IMAGES])
    new = store([replace(each, wait=100_000_000) for each in IMAGES])
    assert not list(compare(tmp_path, old, new))
    [found] = compare(tmp_path, old, new, DiffSettings(timing=1.5))
    assert found.name == "Response time of C-STORE-RQ, median of 4"
    assert (found.weight, found.change) == ("change", "changed")
    [faster] = compare(tmp_path, new, old, DiffSettings(timing=1.5))
    assert faster.weight == "note"
    one = store([*IMAGES[:3], replace(IMAGES[3], wait=900_000_000)])
    [found] = compare(tmp_path, store(IMAGES), one, DiffSettings(timing=1.5))
    assert (found.name, found.path) == ("Response time of C-STORE-RQ", "association.1/c-store-rq.4")


def test_the_old_and_the_new_can_be_exchanged(tmp_path: Path) -> None:
    old = store([*IMAGES, Image(7, status=0xB000)])
    new = store([replace(IMAGES[1], series="2.25.99"), IMAGES[0], Image(7), Image(8, more={0x00100040: ("CS", "O")})])
    one, other = compare(tmp_path, old, new), compare(tmp_path, new, old)
    mirror = {"added": "removed", "removed": "added"}
    assert list(one)
    assert sorted(describe(found.change, found.old, found.new, found.old_place.path, found.new_place.path)
                  for found in one) == sorted(
        describe(mirror.get(found.change, found.change), found.new, found.old, found.new_place.path,
                 found.old_place.path) for found in other)  # fmt: skip


def describe(*words: str | None) -> tuple[str, ...]:
    """Make of texts and nothing what can be sorted."""
    return tuple(word or "" for word in words)


def test_each_difference_says_which_frames_carried_it(tmp_path: Path) -> None:
    names = write(tmp_path, store(IMAGES[:2]), store([IMAGES[0], replace(IMAGES[1], status=0xB000)]))
    [found] = compare_files(names[0], names[1], DiffSettings(), Config())
    assert found.old_place.frames == found.new_place.frames
    assert len(found.old_place.frames) == 1


def test_much_that_is_alike_is_compared_in_little_time(tmp_path: Path) -> None:
    many = [Image(number % 3) for number in range(600)]
    other = [*many[:100], Image(5), *many[101:400], *many[401:]]
    comparison: Comparison = compare(tmp_path, store(many), store(other))
    changes = [found.change for found in comparison if found.change in ("added", "removed")]
    assert len(changes) <= 3
