"""What several rules find, in: no more of each code than somebody reads, out."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from dissect.notes import Finding

MOST_TOLD = 32
"""So many findings of each code are given, more than there are retired elements; hostile bytes have many thousands."""


def collect(*rules: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give what rules find, of each code the first ones."""
    counts: Counter[str] = Counter()
    kept = []
    for finding in chain(*rules):
        counts[finding.code] += 1
        if counts[finding.code] <= MOST_TOLD:
            kept.append(finding)
    return tuple(kept)
