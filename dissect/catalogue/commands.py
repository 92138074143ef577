"""Rules about command sets (PS3.7 6.3, 9.3, 10.3, Annex E)."""

from dissect.catalogue.rule import Rule

RULES = {
    "command-syntax": Rule(
        "error", "PS3.7 6.3.1", "the command set cannot be read as Implicit VR Little Endian", "", ""
    ),
}
"""By code."""
