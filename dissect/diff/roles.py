"""UIDs of instances, in: names by what they are of, out, which are the same from run to run."""

from collections import Counter
from collections.abc import Iterable

from dissect.diff.fields import Field, join

ROLES = {
    "(0020,000d)": "study", "(0020,000e)": "series", "(0008,0018)": "instance", "(0008,1155)": "instance",
    "(0000,1000)": "instance", "(0000,1001)": "instance", "(0020,0052)": "frame-of-reference",
}  # fmt: skip
"""What the UIDs of elements are of."""

NESTED = ("(0020,000d)", "(0020,000e)", "(0008,0018)")
"""Study, series and instance: where a data set names them together, each is in the one before."""


class Names:
    """Names for UIDs by what they are of, in the order in which they come."""

    def __init__(self) -> None:
        """Start without any."""
        self._names: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def name(self, field: Field) -> str:
        """Give the names of an element's UIDs."""
        role = ROLES.get(field.tag, "uid")
        return "\\".join(self._find(uid, role) for uid in field.value.split("\\"))

    def learn(self, elements: Iterable[Field]) -> None:
        """Name the study, series and instance of a data set or item, each in the one before."""
        known = {field.tag: field.value for field in elements if field.kind == "uid" and field.tag in NESTED}
        within = ""
        for tag in NESTED:
            if tag in known:
                within = self._find(known[tag], join(within, ROLES[tag]))

    def _find(self, uid: str, role: str) -> str:
        if uid not in self._names:
            self._counts[role] += 1
            self._names[uid] = f"{role}#{self._counts[role]}"
        return self._names[uid]
