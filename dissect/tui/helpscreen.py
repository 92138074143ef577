"""The bindings of a screen, in: what its keys do, as they are set now, out."""

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from dissect.tui.keys import KEYS, PLACES, tell_key
from dissect.tui.state import State

INTRODUCTION = (
    "The list holds the PDUs, the tree shows the one under the cursor, the bytes stand beside it. Everything can be"
    " clicked.\n"
    "A filter asks for fields as Wireshark does (dimse.status == failure), for elements by keyword (PatientID =="
    ' "123"), or for any text in quotation marks; Tab completes it. On the command line, dissect fields prints all that'
    " can be asked.\n"
)

CONFIGURATION = "The dim names are those by which [keys] of the configuration file gives other keys."


class HelpScreen(ModalScreen[None]):
    """What keys do."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: transparent; }
    HelpScreen VerticalScroll { width: 96%; max-width: 110; height: 94%; border: round $primary; background: $panel;
        padding: 0 1; }
    HelpScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,question_mark,f1,enter", "leave", "Close"),
        ("j", "down", ""),
        ("k", "up", ""),
    ]

    def __init__(self, screen: Screen[object], state: State) -> None:
        """Tell of a screen's keys."""
        super().__init__()
        self._of = screen
        self._state = state

    def compose(self) -> ComposeResult:
        """Give the text, which scrolls."""
        with VerticalScroll() as box:
            box.border_title = "Keys (Esc closes)"
            yield Static(self.make_text())

    def make_text(self) -> Text:
        """Make the text from the bindings."""
        places = list(self.list_places())
        text = Text()
        if any(place == "main" for place, _ in places):
            text.append(f"{INTRODUCTION}\n")
        for place, keys in places:
            text.append(f"{PLACES.get(place, place)}\n", "bold underline")
            for name, title, setting in keys:
                text.append(f"  {name:<16}", "bold")
                text.append(f" {title}")
                text.append(f"  {setting}\n", "dim")
            text.append("\n")
        text.append(f"{CONFIGURATION}\n\n", "dim")
        text.append("Glyphs\n", "bold underline")
        for rule in self._state.config.colors:
            if rule.glyph:
                glyph = self._state.glyphs.get(rule.glyph, rule.glyph) if self._state.ascii_only else rule.glyph
                text.append(f"  {glyph:<22} {rule.name}\n")
        return text

    def list_places(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        """Give the places in which keys do something on the screen, and what they do; as a user has set them."""
        bound = [each for bindings in self._of._bindings.key_to_bindings.values() for each in bindings]
        listed, changed = {each.id for each in bound}, self._state.config.keys
        places = {key.place for key in KEYS if key.name in listed} | {"move", "app"}
        if "main" in places:
            places |= {"list", "tree", "hex"}
        own: dict[tuple[str, str], list[str]] = {}
        for each in bound:
            if each.description and each.id and "." in each.id:
                own.setdefault((each.id, each.description), []).append(each.key)
        if own:
            yield (
                "screen",
                [(tell_key(changed.get(name, ",".join(keys))), title, name) for (name, title), keys in own.items()],
            )
        for place in PLACES:
            if place in places:
                keys = (key for key in KEYS if key.place == place)
                yield (
                    place,
                    [(tell_key(changed.get(key.name, key.keys)), key.title, key.name) for key in keys],
                )

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Scroll down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Scroll up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
