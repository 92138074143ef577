"""Rules about what is proposed and what is accepted (PS3.8 9.3.2 to 9.3.4, Annex D; PS3.7 Annex D)."""

from dissect.catalogue.rule import Rule

RULES: dict[str, Rule] = {}
"""By code."""
