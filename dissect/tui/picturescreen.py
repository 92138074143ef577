"""The picture of a message, in: a frame of it in half blocks, or letters, with a window to change, out."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from dissect.pictures.colours import Window
from dissect.pictures.pixels import Sample
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.bars import Bar, KeyLine
from dissect.tui.caption import STORES, Caption
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.exportscreen import ExportScreen
from dissect.tui.gallery import Drawing, Exhibit, Gallery, Wish, list_further, list_near
from dissect.tui.keys import name_keys
from dissect.tui.orders import OBJECTS
from dissect.tui.palette import MONOCHROME
from dissect.tui.picturepane import PicturePane
from dissect.views.picture import invert

TICK = 0.03
"""Seconds between two looks at what was drawn in the meantime."""

NOTICE = 0.2
"""After how many seconds it is told that something is being drawn."""

NARROWER, SHIFT = 0.8, 0.1
"""By how much a window is made narrower, and which part of its width it is moved by."""

FEW_COLOURS = (None, "standard")
"""What a terminal has that knows 16 colours or none: letters tell more there."""

FRAMES, WIDTH, CENTER = Binding.Group("Frame", True), Binding.Group("Width", True), Binding.Group("Centre", True)
WINDOW, PICTURES = Binding.Group("Window", True), Binding.Group("Picture", True)


class PictureScreen(Screen[Answer]):
    """The picture of the message of a PDU."""

    DEFAULT_CSS = "PictureScreen #about { height: auto; min-height: 1; max-height: 2; text-wrap: wrap; }"
    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "picture",
        [
            Binding("p,pageup,left,up", "step_frame(-1)", "Frame before", group=FRAMES),
            Binding("n,pagedown,right,down", "step_frame(1)", "Next frame", group=FRAMES),
            Binding("home", "step_frame(-0x7fffffff)", "First frame", show=False),
            Binding("end", "step_frame(0x7fffffff)", "Last frame", show=False),
            Binding("left_square_bracket", "widen(1)", "Narrower window: more contrast", group=WIDTH),
            Binding("right_square_bracket", "widen(-1)", "Wider window: less contrast", group=WIDTH),
            Binding("left_curly_bracket", "shift(-1)", "Lower centre of the window", group=CENTER),
            Binding("right_curly_bracket", "shift(1)", "Higher centre of the window", group=CENTER),
            Binding("0", "window('told')", "Window of the data set", group=WINDOW),
            Binding("a", "window('sampled')", "Window from the least to the greatest pixel shown", group=WINDOW),
            Binding("minus", "invert", "Invert", key_display="-"),
            Binding("less_than_sign", "step_picture(-1)", "Picture before, of the association", group=PICTURES),
            Binding("greater_than_sign", "step_picture(1)", "Next picture of the association", group=PICTURES),
            Binding("e,X", "export", "Export"),
            Binding("enter", "choose", "Go to the PDU", show=False),
            Binding("P", "privacy", "Privacy mask on and off", show=False),
        ],
    )

    def __init__(self, main: CaptureScreen) -> None:
        """Show the picture of the PDU under the cursor of the main screen."""
        super().__init__()
        self.main, self.state = main, main.state
        self.pane = PicturePane()
        self.exhibit: Exhibit | None = None
        """The message whose picture is shown, or that has none."""
        self.sample: Sample | None = None
        """What is shown of it."""
        self.wish = Wish()
        """What of it is wanted."""
        self.inverted = False
        self._gallery = Gallery(self.state.index)
        self._drawing: Drawing | None = None
        self._step = 0
        """Whether another picture is looked for: 1 for the next, -1 for the one before, 0 for none."""
        self._revealed = 0
        """The message whose picture is shown though the privacy mask is on."""
        self._title, self._about, self._status = Bar(), Bar(id="about"), Bar()

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield self._title
        yield self._about
        yield self.pane
        yield self._status
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look at what was drawn; drawing begins when it is known how much room there is."""
        self.set_interval(TICK, self.tick)

    def on_unmount(self) -> None:
        """Stop what runs."""
        self.stop()

    def stop(self) -> None:
        """Want nothing any more of what is being drawn."""
        if self._drawing is not None:
            self._drawing.job.stop()
        self._drawing = None

    # What is drawn

    @on(PicturePane.Resized)
    def draw(self) -> None:
        """Draw what is wanted for the room that there is."""
        if self.exhibit is not None:
            self.ask([self.exhibit.number], self.wish)
        elif self.main.shown is not None:
            self.ask(list_near(self.state.index, self.main.shown), self.wish)

    def ask(self, numbers: Iterable[int], wish: Wish, step: int = 0) -> None:
        """Draw the picture of the first of some messages that has one, in a thread; others are wanted no more."""
        self.stop()
        self._step = step
        size = self.pane.size
        hidden = self.state.private and (self.exhibit is None or step != 0 or self._revealed != self.exhibit.number)
        self.wish = wish = replace(wish, width=0 if hidden else size.width, height=2 * size.height)
        self._drawing = Drawing(self._gallery, numbers, wish)
        self._drawing.job.start()

    def tick(self) -> None:
        """Take what was drawn; where the message was not whole and now is, draw it again."""
        drawing, exhibit = self._drawing, self.exhibit
        if drawing is None:
            if exhibit is not None and exhibit.stop != self.state.index.messages.lasts[exhibit.number]:
                self.draw()
        elif drawing.job.over:
            self._drawing = None
            self.take(drawing)
        elif drawing.job.seconds > NOTICE:
            self.show_status(drawing)

    def take(self, drawing: Drawing) -> None:
        """Show what was drawn; where no other picture was found, what is shown stays."""
        found, step, self._step = drawing.exhibit, self._step, 0
        if drawing.job.error is not None:
            self.sample = Sample([], problem=f"not drawn: {drawing.job.error}")
            self.show()
        elif step and (found is None or found.picture.pixels is None):
            row = self.find_row()
            told = f" of association {self.state.index.associations[row]}" if row is not None else ""
            self.notify(f"no {'further' if step > 0 else 'earlier'} picture{told}", timeout=3)
            self.show_status()
        else:
            self.exhibit, self.sample = found, drawing.sample
            self.show()

    # What is shown

    @property
    def letters(self) -> bool:
        """Tell whether letters stand for pixels: without colours, or with few."""
        plain = self.app.no_color or self.app.theme == MONOCHROME or self.state.ascii_only
        return plain or self.app.console.color_system in FEW_COLOURS

    @property
    def concealed(self) -> bool:
        """Tell whether there is a picture that the privacy mask hides."""
        exhibit = self.exhibit
        if exhibit is None or exhibit.picture.pixels is None or exhibit.picture.problem:
            return False
        return self.state.private and self._revealed != exhibit.number

    def find_row(self) -> int | None:
        """Give the row of the PDU with the command set of the message, or with its first fragment."""
        if self.exhibit is None:
            return self.main.shown
        messages, number = self.state.index.messages, self.exhibit.number
        return messages.heads[number] - 1 if messages.heads[number] else messages.firsts[number]

    @property
    def caption(self) -> Caption:
        """Give the words around the picture."""
        return Caption(self.state, self.find_row(), self.exhibit, self.sample, self.wish, self.inverted, self.concealed)

    def show(self) -> None:
        """Show the picture, or why there is none."""
        caption = self.caption
        sentences = list(caption.explain())
        if sentences or self.sample is None:
            self.pane.say(sentences)
        else:
            self.pane.show(invert(self.sample) if self.inverted else self.sample, letters=self.letters)
        self._title.update(caption.make_title())
        self._about.update(caption.describe())
        self.show_status()

    def show_status(self, drawing: Drawing | None = None) -> None:
        """Tell what runs, or where the window is from."""
        running = ""
        if drawing is not None:
            told = "looking for another picture" if self._step else f"decoding frame {drawing.wish.frame:,}"
            running = f"{told} ({drawing.job.seconds:.0f} s)"
        self._status.update(self.caption.make_status(running))

    # What keys do

    def action_step_frame(self, step: int) -> None:
        """Show the next frame, or the one before."""
        exhibit = self.exhibit
        if exhibit is None or exhibit.picture.pixels is None:
            return
        frame = max(1, min(self.wish.frame + step, exhibit.picture.description.frames))
        if frame != self.wish.frame:
            self.ask([exhibit.number], replace(self.wish, frame=frame))
        elif abs(step) == 1:
            self.notify("no further frame" if step > 0 else "no earlier frame", timeout=1)

    def change_window(self, factor: float, shift: float) -> None:
        """Make the window wider, and move it by parts of its width."""
        exhibit, wanted = self.exhibit, self.wish.window
        window = wanted if isinstance(wanted, Window) else self.sample.window if self.sample is not None else None
        if exhibit is None or window is None:
            self.notify("there is no window to change: only grey pictures have one", timeout=2)
            return
        least = min(1.0, abs(exhibit.picture.description.slope))
        window = Window(window.center + shift * window.width, max(window.width * factor, least))
        self.ask([exhibit.number], replace(self.wish, window=window))

    def action_widen(self, step: int) -> None:
        """Make the window narrower, or wider."""
        self.change_window(NARROWER**step, 0)

    def action_shift(self, step: int) -> None:
        """Move the window."""
        self.change_window(1, step * SHIFT)

    def action_window(self, choice: str) -> None:
        """Take the window of the data set, or the one that shows all that is sampled."""
        if self.exhibit is not None:
            self.ask([self.exhibit.number], replace(self.wish, window="sampled" if choice == "sampled" else "told"))

    def action_invert(self) -> None:
        """Show the negative, or no longer."""
        self.inverted = not self.inverted
        self.show()

    def action_step_picture(self, step: int) -> None:
        """Show the next picture of the association, or the one before."""
        row, index = self.find_row(), self.state.index
        if row is not None:
            number = self.exhibit.number if self.exhibit is not None else 0
            self.ask(list_further(index, row, number, step), Wish(), step)

    def action_choose(self) -> None:
        """Show what is concealed; without a picture apply the filter that comes to some; else go to the PDU."""
        row = self.find_row()
        if self.concealed and self.exhibit is not None:
            self._revealed = self.exhibit.number
            self.draw()
        elif self.exhibit is None or self.exhibit.picture.pixels is None:
            self.dismiss(Apply(STORES))
        elif row is not None:
            self.dismiss(Jump(row))

    def action_export(self) -> None:
        """Go to where the object can be exported."""
        self.app.push_screen(ExportScreen(self.main, OBJECTS, "message", self.find_row()))

    def action_privacy(self) -> None:
        """Mask what tells who a patient is, or no longer."""
        self.main.action_privacy()
        self._revealed = 0
        self.draw()
        self.show()
