"""Rules about messages and operations (PS3.7 7 to 10; PS3.4)."""

from dissect.catalogue.rule import Rule

RULES: dict[str, Rule] = {}
"""By code."""
