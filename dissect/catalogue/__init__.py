"""The rules that a capture is held to, by code, and what is said where one is broken: a table, an area a module."""

from dissect.catalogue import (
    associations,
    captures,
    commands,
    connections,
    datasets,
    exchange,
    negotiation,
    pdus,
    transfer,
)
from dissect.catalogue.rule import SEVERITIES, Blame, Rule, Severity

__all__ = ["AREAS", "CATALOG", "SEVERITIES", "Blame", "Rule", "Severity"]

AREAS = {
    "Connections": connections.RULES,
    "Associations": associations.RULES,
    "PDUs and items": pdus.RULES,
    "Negotiation": negotiation.RULES,
    "Transfer of data": transfer.RULES,
    "Command sets": commands.RULES,
    "Messages and operations": exchange.RULES,
    "Data sets": datasets.RULES,
    "The capture": captures.RULES,
}
"""The rules of each area, in the order of the layers."""

CATALOG: dict[str, Rule] = {code: rule for area in AREAS.values() for code, rule in area.items()}
