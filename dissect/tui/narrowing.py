"""What associations must have in them, in: a line in which it is written, and what is done at each letter, out."""

from collections.abc import Callable

from textual.widgets import Input

from dissect.tui.prompts import Ask


class Narrow(Ask):
    """A line with what associations must have in them to be shown; they are as it is written."""

    def __init__(self, value: str, narrow: Callable[[str], None]) -> None:
        """Begin with what was written last."""
        super().__init__("Show associations with this in titles, addresses or ending; nothing shows all", value)
        self._narrow = narrow

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what there is."""
        self._narrow(event.value)
