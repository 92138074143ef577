"""Which UID stands for which: one for one, and what breaks that."""

from dissect.diff.relation import Relation


def relate(*pairs: tuple[str, str]) -> Relation:
    """Make a relation of pairs, each in a place of its own."""
    relation = Relation()
    for place, pair in enumerate(pairs):
        relation.add(pair, place)
    return relation


def test_a_renaming_one_for_one_is_not_broken() -> None:
    assert not relate(("1", "7"), ("2", "8"), ("1", "7"), ("8", "1")).find_broken()


def test_the_partner_that_a_uid_has_most_often_is_its_own() -> None:
    relation = relate(("1", "9"), ("1", "7"), ("1", "7"), ("2", "8"))
    assert relation.find_broken() == {("1", "9"): [("1", "7")]}
    assert list(relation.places(("1", "7"))) == [1, 2]


def test_two_uids_with_one_partner_break_it_as_well() -> None:
    assert relate(("1", "7"), ("1", "7"), ("2", "7")).find_broken() == {("2", "7"): [("1", "7")]}


def test_a_pair_may_contradict_two_others() -> None:
    relation = relate(("1", "7"), ("1", "7"), ("2", "8"), ("2", "8"), ("1", "8"))
    assert relation.find_broken() == {("1", "8"): [("1", "7"), ("2", "8")]}


def test_what_is_broken_is_the_same_with_old_and_new_exchanged() -> None:
    pairs = [("1", "7"), ("1", "8"), ("2", "8"), ("3", "9"), ("3", "9"), ("4", "9")]
    mirrored = relate(*((new, old) for old, new in pairs)).find_broken()
    assert {(old, new) for new, old in mirrored} == set(relate(*pairs).find_broken())


def test_only_a_uid_that_was_renamed_concerns_others() -> None:
    relation = relate(("1", "1"), ("2", "3"))
    assert [relation.concerns(uid) for uid in "1234"] == [False, True, True, False]
    assert not relation.is_identity
    assert relate(("1", "1")).is_identity
