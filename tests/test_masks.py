"""Rules that name what is not compared."""

import pytest

from dissect.diff.fields import Field
from dissect.diff.masks import MaskError, Masks, Selector


def make(tag: str = "", vr: str = "") -> Field:
    """Make a field of an element."""
    found = Field("key", "Name", "value", "x")
    found.tag, found.vr = tag, vr
    return found


DATA_SET = "association.1/c-store-rq.3/data-set"


@pytest.mark.parametrize(
    ("rule", "tag", "vr", "path"),
    [
        ("StudyDate", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
        ("(0008,0020)", "(0008,0020)", "DA", f"{DATA_SET}/0040,a730/item.1/0008,0020"),
        ("0008,0020", "(0008,0020)", "DA", "any"),
        ("00080020", "(0008,0020)", "DA", "any"),
        ("60xx3000", "(6002,3000)", "OW", "any"),
        ("0019,10XX", "(0019,10a0)", "DS", "any"),
        ("VR:TM", "(0008,0030)", "TM", "any"),
        ("vr:tm", "(0008,0030)", "TM", "any"),
        ("GROUP:0010", "(0010,0020)", "LO", "any"),
        ("group:00e1", "(00e1,1001)", "LO", "any"),
        ("private", "(0029,1010)", "OB", "any"),
        ("association.1/c-store-rq.3", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
        ("association.*/c-store-rq.*/data-set/StudyDate", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
        ("*/c-store-rq.3", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
        ("data-set", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
        ("c-store-rq.*", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
        ("called-ae-title", "", "", "association.1/a-associate-rq.1/body/called-ae-title"),
        ("data-set/0008,00*", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
        ("0040,a730/item.*/0008,0104", "(0008,0104)", "LO", f"{DATA_SET}/0040,a730/item.2/0008,0104"),
    ],
)
def test_a_rule_means_what_it_names_and_all_below(rule: str, tag: str, vr: str, path: str) -> None:
    assert Selector(rule).matches(make(tag, vr), path)


@pytest.mark.parametrize(
    ("rule", "tag", "vr", "path"),
    [
        ("StudyDate", "(0008,0021)", "DA", "any"),
        ("VR:TM", "(0008,0020)", "DA", "any"),
        ("GROUP:0010", "(0008,0010)", "SH", "any"),
        ("private", "(0008,0020)", "DA", "any"),
        ("private", "20H", "", "association.1/a-associate-rq.1"),
        ("association.1/c-store-rq.3", "", "", "association.1/c-store-rq.30/data-set"),
        ("association.1", "", "", "association.12/c-store-rq.1"),
        ("association.*/c-store-rq.1", "", "", "association.1/x/c-store-rq.1"),
        ("set/0008,0020", "(0008,0020)", "DA", f"{DATA_SET}/0008,0020"),
    ],
)
def test_a_rule_means_nothing_else(rule: str, tag: str, vr: str, path: str) -> None:
    assert not Selector(rule).matches(make(tag, vr), path)


@pytest.mark.parametrize("rule", ["", "NoSuchKeyword", "VR:XY", "GROUP:12", "0008,00zz", "publicc"])
def test_what_names_no_field_is_refused_in_a_sentence(rule: str) -> None:
    with pytest.raises(MaskError, match=r"names no field: wanted is a path, a tag, a keyword"):
        Selector(rule)


def test_dates_are_three_vrs_and_no_rule_counts_twice() -> None:
    masks = Masks(["VR:DA", "VR:DA"], dates=True)
    assert [each.text for each in masks.ignored] == ["VR:DA", "VR:DT", "VR:TM"]
    assert masks.find(make("(0008,0030)", "TM"), "any") == "VR:TM"
    assert masks.find(make("(0008,0060)", "CS"), "any") == ""


def test_without_a_choice_all_is_chosen() -> None:
    assert Masks().chooses(make(), "any")
    assert not Masks(only=["StudyDate"]).chooses(make("(0008,0060)"), "any")
    assert Masks(only=["StudyDate"]).chooses(make("(0008,0020)"), "any")
