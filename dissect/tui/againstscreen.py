"""The name of a capture or snapshot, in: what is browsed, compared with it; and two messages with each other, out."""

import os
from typing import ClassVar

from textual.binding import Binding, BindingType

from dissect.tui.answers import Against, Answer
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.captureslist import COMPARABLE, Found, Word, list_captures
from dissect.tui.diffing import Browsed, make_other
from dissect.tui.diffscreen import DiffScreen
from dissect.tui.keys import name_keys
from dissect.tui.openscreen import OpenScreen


class AgainstScreen(OpenScreen):
    """What the capture is to be compared with."""

    HEADLINE: ClassVar[str] = "Compare with"
    HINT: ClassVar[str] = "name of a capture or a snapshot: the old side"
    KEYS: ClassVar[str] = "Enter compares, Tab completes, Down goes to the list"
    BINDINGS: ClassVar[list[BindingType]] = name_keys("open", [Binding("space", "none", "", show=False, id="open.add")])

    def list_found(self, word: Word) -> list[Found]:
        """Give what the name may become: captures and snapshots."""
        return list_captures(word, COMPARABLE)

    def read(self, names: list[str]) -> None:
        """Leave with the name, if it is that of a file that is there."""
        [name, *others] = names
        if others:
            self.tell("write one name; one with blanks stands in quotation marks", "error", "error")
            return
        try:
            with open(name, "rb"):
                pass
        except OSError as error:
            self.tell(f"{name}: {error.strerror}", "error", "error")
            return
        self.dismiss(Against(name))


def ask_other(main: CaptureScreen) -> None:
    """Ask what the capture is to be compared with, and compare."""

    def take(answer: Answer) -> None:
        if isinstance(answer, Against):
            compare(main, answer.name)

    main.app.push_screen(AgainstScreen(main), take)


def compare(main: CaptureScreen, name: str) -> None:
    """Compare another capture or a snapshot with the one that is browsed."""
    sides = make_other(os.path.expanduser(name), main.state.config), Browsed(main.state).make_side()
    main.app.push_screen(DiffScreen(main, sides), main.take_answer)


def make_pair(main: CaptureScreen, old: int, new: int) -> DiffScreen | str:
    """Compare the operations that two messages belong to, by their numbers; a sentence where that cannot be."""
    index = main.state.index
    messages, owners = index.messages, [index.messages.requests[each] or each for each in (old, new)]
    if owners[0] == owners[1]:
        return "both belong to the same operation"
    names = [index.texts[messages.texts[each]].partition(" ")[0] for each in owners]
    if names[0] != names[1]:
        return f"{names[0] or 'a message'} and {names[1] or 'a message'} cannot be compared: mark two of a kind"
    browsed = Browsed(main.state)
    talks = [index.associations[messages.firsts[each]] for each in owners]
    return DiffScreen(main, (browsed.make_part(owners[0]), browsed.make_part(owners[1])), pairs=((talks[0], talks[1]),))
