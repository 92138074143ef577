"""What a user names as not to be compared, or alone to be, in: whether a field is, out."""

import re
from collections.abc import Iterable

from dissect.dicom.values import KNOWN
from dissect.diff.fields import Field, has_odd_group
from dissect.tree import name_component

DATES = ("VR:DA", "VR:DT", "VR:TM")
"""What masks dates and times."""

PATH = re.compile(r"association|\*|.*/|[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[0-9*]+$|-[a-z0-9]+$)")
"""What a path looks like: it has slashes, or its one component has a hyphen or a number."""

TAG = re.compile(r"\(?([0-9a-fx]{4}),?([0-9a-fx]{4})\)?", re.IGNORECASE)


class MaskError(ValueError):
    """What names no field: one sentence that says what would."""


class Selector:
    """One rule: a path, a tag, a keyword, `VR:xx`, `GROUP:xxxx` or `private`."""

    def __init__(self, text: str) -> None:
        """Read a rule; raise MaskError where it cannot be one."""
        self.text = text = text.strip()
        kind, colon, rest = text.partition(":")
        self._vr = self._group = ""
        self._tag: re.Pattern[str] | None = None
        self._path: re.Pattern[str] | None = None
        self._private = text.lower() == "private"
        if self._private:
            return
        if colon and kind.upper() == "VR" and rest.upper() in KNOWN:
            self._vr = rest.upper()
        elif colon and kind.upper() == "GROUP" and re.fullmatch(r"[0-9a-fA-F]{4}", rest):
            self._group = f"({rest.lower()},"
        elif PATH.match(text):
            self._path = compile_path(text)
        elif text and (found := TAG.fullmatch(name_component(text).replace("?", "x"))) is not None:
            self._tag = re.compile(rf"\({found[1]},{found[2]}\)".lower().replace("x", "[0-9a-f]"))
        else:
            raise MaskError(
                f"{text!r} names no field: wanted is a path, a tag, a keyword, VR:xx, GROUP:xxxx or private"
            )

    def matches(self, field: Field, path: str) -> bool:
        """Tell whether a field is meant; those below it are then, too."""
        if self._path is not None:
            return self._path.search(path) is not None
        tag = field.tag
        if not tag or tag[0] != "(":
            return False
        if self._tag is not None:
            return self._tag.fullmatch(tag) is not None
        if self._private:
            return has_odd_group(tag)
        return field.vr == self._vr if self._vr else tag.startswith(self._group)


def compile_path(text: str) -> re.Pattern[str]:
    """Make a pattern of a path, that matches it and all below; what begins with no association may stand anywhere."""
    components = [name_component(each) for each in text.strip("/").split("/")]
    anchored = components[0].startswith(("association", "*"))
    wanted = "/".join(re.escape(each).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") for each in components)
    return re.compile(f"{'^' if anchored else '(?:^|/)'}{wanted}(?:/|$)")


class Masks:
    """What is not compared."""

    def __init__(self, ignore: Iterable[str] = (), only: Iterable[str] = (), *, dates: bool = False) -> None:
        """Read the rules; raise MaskError where one cannot be read."""
        texts = dict.fromkeys([*ignore, *(DATES if dates else ())])
        self.ignored = [Selector(text) for text in texts]
        self.only = [Selector(text) for text in dict.fromkeys(only)]

    def find(self, field: Field, path: str) -> str:
        """Give the rule by which a field is not compared, '' where it is."""
        for selector in self.ignored:
            if selector.matches(field, path):
                return selector.text
        return ""

    def chooses(self, field: Field, path: str) -> bool:
        """Tell whether a field is one of those that alone are compared, or all are."""
        return not self.only or any(selector.matches(field, path) for selector in self.only)
