"""What differs, in: the rules by which it would not be compared any more, one of which a user chooses, out."""

import re
from dataclasses import replace

from textual.screen import ScreenResultType

from dissect.dicom.values import look_up
from dissect.diff.differences import Difference
from dissect.diff.ruling import RulingError, add_rule, find_place
from dissect.text import escape
from dissect.tui.diffing import Diffing
from dissect.tui.diffpane import DiffPane
from dissect.tui.diffside import DiffSide, find_shown
from dissect.tui.prompts import Choose
from dissect.tui.taking import Taking

ELEMENT = re.compile(r"([0-9a-f]{4}),([0-9a-f]{4})(?:\.[0-9]+)?")
NUMBER = re.compile(r"\.[0-9]+$")


def list_rules(found: Difference, vr: str = "") -> dict[str, str]:
    """Give the rules that leave a difference out, by the key that chooses each; none for what no rule reaches.

    Parameters
    ----------
    found
        What differs.
    vr
        Its value representation, where it is known.

    """
    components = found.path.split("/")
    if len(components) < 3:  # an association, an operation or a message as such
        return {}
    where = [NUMBER.sub(".*", each) for each in components[:2]]
    rules = {"p": "/".join([*where, *components[2:]])}
    match = ELEMENT.fullmatch(components[-1])
    if match is None:
        return rules
    group, element = match[1], match[2]
    rules["t"] = f"({group},{element})"
    known = vr or look_up(int(group + element, 16)).vr
    if re.fullmatch("[A-Z]{2}", known):
        rules["v"] = f"VR:{known}"
    rules["g"] = f"GROUP:{group}"
    if group[-1] in "13579bdf":
        rules["x"] = "private"
    return rules


def tell_rules(found: Difference, rules: dict[str, str]) -> dict[str, str]:
    """Tell what each rule leaves out; escaped."""
    words = {
        "p": "this path", "t": f"every {escape(found.name)}", "v": "this VR", "g": "this group",
        "x": "all private elements",
    }  # fmt: skip
    return {key: f"{escape(rule)} ({words[key]})" for key, rule in rules.items()}


class DiffIgnoring(Taking[ScreenResultType]):
    """What a screen of differences does to leave some of them out from now on."""

    diffing: Diffing
    pane: DiffPane
    sides: tuple[DiffSide, DiffSide]

    def action_ignore(self) -> None:
        """Ask by which rule the difference under the cursor is left out."""
        found = self.pane.difference
        if not self.diffing.job.over:
            self.notify("still comparing", timeout=2)
        elif found is None:
            self.notify("choose what differs, in the list", timeout=3)
        elif not (rules := list_rules(found, self.find_vr(found))):
            self.notify("no rule leaves out an association, an operation or a message as such", timeout=4)
        else:
            try:
                told = f"in {find_place(self.state.settings_file)}"
            except RulingError:
                told = "until dissect ends"
            self.app.push_screen(
                Choose(f"Ignore from now on, {told}:", tell_rules(found, rules)),
                lambda key: self.ignore(rules[key]) if key is not None else None,
            )

    def find_vr(self, found: Difference) -> str:
        """Find the VR of what differs in the trees that are shown."""
        places = (found.old_place, found.new_place)
        nodes = [find_shown(side, place.path) for side, place in zip(self.sides, places, strict=True)]
        return next((node.vr for node in nodes if node is not None and node.vr), "")

    def ignore(self, rule: str) -> None:
        """Write a rule, and compare again by it."""
        try:
            place = find_place(self.state.settings_file)
            fresh = add_rule(place, rule)
            self.notify(f"{'written to' if fresh else 'already in'} {place}: ignore {rule}", timeout=8)
        except RulingError as error:
            self.notify(f"{error}; {rule} is ignored until dissect ends", severity="warning", timeout=12)
        settings = self.diffing.settings
        settings = replace(settings, ignore=tuple(dict.fromkeys((*settings.ignore, rule))))
        config = self.state.config
        ignored = tuple(dict.fromkeys((*config.diff.ignore, rule)))
        self.state.config = replace(config, diff=replace(config.diff, ignore=ignored))
        self.diffing.begin(settings=settings)
