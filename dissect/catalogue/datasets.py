"""Rules about data sets (PS3.5)."""

from dissect.catalogue.rule import Rule

RULES = {
    "element-overrun": Rule(
        "error", "PS3.5 7.1", "length {value} reaches beyond the {room} bytes that are left", "", ""
    ),
    "element-cut": Rule("error", "PS3.5 7.1", "{count} bytes left, too few for a data element", "", ""),
    "element-odd": Rule("error", "PS3.5 7.1", "an odd value length, {value}", "", ""),
    "element-undefined": Rule("error", "PS3.5 7.1.2", "an undefined length, which VR {value} cannot have", "", ""),
    "element-vr": Rule("error", "PS3.5 7.1.2", "'{value}' is not a value representation", "", ""),
    "item-expected": Rule("error", "PS3.5 7.5", "tag {value} where an item or a delimiter is due", "", ""),
    "not-delimited": Rule("warning", "PS3.5 7.5", "the undefined length has no delimiter", "", ""),
    "stray-delimiter": Rule("error", "PS3.5 7.5", "a delimiter that closes nothing", "", ""),
    "value-length": Rule("error", "PS3.5 6.2", "{value} bytes are not a multiple of {wanted}", "", ""),
    "other-syntax": Rule(
        "error", "PS3.5 7.1", "the data set is in {found}, not in {wanted} as the context says", "", ""
    ),
    "not-inflated": Rule(
        "error", "PS3.5 Annex A.5", "only the first {count} bytes of the data set can be inflated", "", ""
    ),
}
"""By code."""
