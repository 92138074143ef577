"""A picture and how it is shown, in: what is told around it, or why none is shown, out."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from dissect.dicom.terms import PDU_NAMES
from dissect.pictures.colours import Window
from dissect.pictures.pixels import Sample
from dissect.text import escape
from dissect.tui.gallery import Exhibit, Wish
from dissect.tui.picturepane import Sentence
from dissect.tui.state import State
from dissect.views.picture import DISCLAIMER

STORES = "dimse.cmd == C-STORE-RQ"
"""The filter that comes to messages that may have a picture."""

CONCEALED = "The privacy mask is on, and a name may be burnt into the picture. Enter shows it."
DECODERS = (
    "e exports the object as it was sent, as `dissect export` does. Decoders are installed beside dissect:"
    " pip install pylibjpeg[all]"
)
WINDOWS = {"told": "of the data set", "sampled": "from the least to the greatest pixel shown"}


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around a picture."""

    state: State
    row: int | None
    """The row of the PDU that it is about, None where there is none."""
    exhibit: Exhibit | None
    sample: Sample | None
    wish: Wish
    inverted: bool
    concealed: bool
    """Whether the privacy mask hides the picture."""

    def explain(self) -> Iterator[Sentence]:
        """Tell in sentences why no picture is shown."""
        styles, exhibit = self.state.styles, self.exhibit
        problem = self.sample.problem if self.sample is not None else ""
        if exhibit is None and problem:
            yield escape(problem), styles["error-text"]
        elif exhibit is None or exhibit.picture.pixels is None:
            if exhibit is not None:
                yield f"{self.name_message() or 'The message'} has no Pixel Data.", styles["warning"]
            elif self.row is not None:
                name = PDU_NAMES.get(self.state.index.kinds[self.row], "")
                told = f"PDU {self.row + 1}{f', {name},' if name else ''} carries no message with a picture."
                yield told, styles["warning"]
            yield "", styles[""]
            yield f"> and < go to other pictures of the association; Enter applies the filter {STORES}.", styles[""]
        elif self.concealed:
            yield CONCEALED, styles["warning"]
        elif exhibit.picture.problem or problem:
            yield f"Not drawn: {escape(exhibit.picture.problem or problem)}.", styles["warning"]
            if exhibit.picture.encapsulated is not None and not exhibit.picture.encapsulated.decodable:
                yield "", styles[""]
                yield DECODERS, styles[""]

    def name_message(self) -> str:
        """Give the name of the message, '' where there is none."""
        messages = self.state.index.messages
        return escape(self.state.index.texts[messages.texts[self.exhibit.number]]) if self.exhibit is not None else ""

    def make_title(self) -> Text:
        """Tell which frame is shown, with which window, of which message."""
        styles, exhibit = self.state.styles, self.exhibit
        text = Text.assemble(("Picture", styles["title"]))
        if exhibit is not None and exhibit.picture.pixels is not None:
            frames = exhibit.picture.description.frames
            text.append(f"  frame {self.wish.frame:,} of {frames:,}", styles["value"])
            if self.sample is not None and self.sample.window is not None:
                text.append(f"  {tell_window(self.sample.window)}", styles["value"])
            text.append("  inverted" if self.inverted else "", styles["mark"])
        text.append(f"  {self.name_message()}" if exhibit is not None else "")
        if self.row is not None:
            association = self.state.index.associations[self.row]
            text.append(f"  PDU {self.row + 1}, association {association}", styles["dim"])
        if self.state.private:
            text.append("  private", styles["mark"])
        return text

    def describe(self) -> Text:
        """Tell what the picture is."""
        exhibit = self.exhibit
        if exhibit is None or exhibit.picture.pixels is None:
            return Text()
        return Text(escape(exhibit.picture.describe(self.wish.frame)))

    def make_status(self, running: str) -> Text:
        """Tell what the picture is not for, and what runs, or where its window is from."""
        styles = self.state.styles
        text = Text.assemble((f"{DISCLAIMER[0].upper()}{DISCLAIMER[1:]}", styles["mark"]))
        if running:
            text.append(f"  {running}", styles["warning"])
        elif self.sample is not None and self.sample.window is not None:
            text.append(f"  window {self.tell_source()}", styles["dim"])
        return text

    def tell_source(self) -> str:
        """Tell where the window is from."""
        choice = self.wish.window
        if isinstance(choice, Window):
            return "set by hand; 0 takes that of the data set"
        assert self.exhibit is not None
        return WINDOWS["sampled" if self.exhibit.picture.description.window is None else choice]


def tell_window(window: Window) -> str:
    """Tell the centre and the width of a window."""
    return f"window {window.center:.6g} / {window.width:.6g}"
