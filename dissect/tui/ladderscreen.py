"""The PDUs that the main screen shows, in: a ladder diagram of who said what to whom, beside what was said, out."""

from threading import Lock
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from dissect.ladder.events import Event
from dissect.node import Node
from dissect.recall import Recall
from dissect.text import escape
from dissect.tui.againstscreen import make_pair
from dissect.tui.answers import Jump
from dissect.tui.bars import Bar, KeyLine
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.keys import name_keys
from dissect.tui.ladderpane import LadderPane
from dissect.tui.laddersaving import LadderSaving
from dissect.tui.messages import decode_groups, make_node
from dissect.tui.pane import Pane
from dissect.tui.rungs import Rungs, find_event, find_first, find_message, find_start
from dissect.tui.screens import show_above
from dissect.tui.treepane import TreePane

TICK = 0.1

FEW, GROWTH = 1000, 1.125
"""Of more rungs, by how much there must be more before the columns are laid out anew."""


class LadderScreen(LadderSaving):
    """The ladder diagram of the PDUs that the main screen shows, with the one under the cursor beside it."""

    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "ladder",
        [
            Binding("s", "unfold", "Fold"),
            Binding("c", "color", "Colour"),
            Binding("space", "mark", "Mark"),
            Binding("D", "compare", "Compare the two that are marked", show=False),
            Binding("e", "export", "Export"),
            Binding("enter", "go", "PDU"),
            Binding("n", "failure(1)", "Next failure"),
            Binding("N", "failure(-1)", "Previous failure", show=False),
            Binding("left_square_bracket", "part(-1)", "Earlier part", show=False),
            Binding("right_square_bracket", "part(1)", "Later part", show=False),
            Binding("P", "privacy", "Privacy mask", show=False),
            Binding("tab", "next_pane", "Tree"),
        ],
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (120, "-large")]  # noqa: RUF012 (Textual's)
    DEFAULT_CSS = """
    LadderScreen LadderPane { width: 1fr; height: 1fr; border-top: solid $foreground 30%; }
    LadderScreen TreePane { width: 38%; height: 1fr; border-top: solid $foreground 30%; }
    LadderScreen.-small TreePane { display: none; }
    LadderScreen.-small.tree TreePane { display: block; width: 1fr; }
    LadderScreen.-small.tree LadderPane { display: none; }
    LadderScreen Pane:focus { border-top: heavy $primary; }
    """

    def __init__(self, main: CaptureScreen) -> None:
        """Draw what the main screen shows."""
        super().__init__()
        self.main, self.state = main, main.state
        self.rungs = LadderPane(main.state, id="rungs")
        self.nodes = TreePane(main.state, id="said")
        self.part: Rungs | None = None
        """The part that is drawn."""
        self._unfold = False
        self._wanted = main.shown
        """The row that the cursor is to stand on, once it is there."""
        self._drawn = False
        """Whether nothing more will come of the part."""
        self._event: Event | None = None
        """What is told beside the ladder, or will be."""
        self._slow = Recall(main.state.index)
        self._slow_lock = Lock()

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield Bar()
        with Horizontal():
            yield self.rungs
            yield self.nodes
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to collect the rungs."""
        self.rungs.border_title, self.nodes.border_title = "Ladder", "Message"
        self.rungs.focus()
        self.begin(find_start(self.state, self._wanted))
        self.set_interval(TICK, self.tick)

    # The part that is drawn

    def begin(self, start: int) -> None:
        """Draw a part that begins at a row."""
        self.stop()
        self.rungs.empty = ""
        self.rungs.show([])
        self.part, self._drawn = Rungs(self.state, start, unfold=self._unfold), False
        self.show_title()

    def begin_again(self) -> None:
        """Draw the part around the cursor in another way; the cursor comes back to its PDU."""
        if self._wanted is None and self.rungs.event is not None:
            self._wanted = self.rungs.event.first - 1
        self.begin(find_start(self.state, self._wanted))

    def stop(self) -> None:
        """Stop to collect."""
        if self.part is not None:
            self.part.job.stop()

    def on_unmount(self) -> None:
        """Stop to collect: nobody looks any more."""
        self.stop()

    def tick(self) -> None:
        """Show what was collected in the meantime."""
        part, rungs = self.part, self.rungs
        if part is None or self._drawn:
            return
        self._drawn = over = part.job.over
        count = len(part.found)
        if count > rungs.count and (over or count <= FEW or count >= GROWTH * rungs.count):
            rungs.show(part.found[:count])
        if over and not count:
            rungs.empty = "no PDU to draw" if part.job.error is None else "nothing could be drawn"
            rungs.refresh()
        self.find_wanted(over)
        self.show_title()

    def find_wanted(self, over: bool) -> None:
        """Put the cursor where it is wanted, unless a user was quicker."""
        found, wanted = self.rungs.events, self._wanted
        if wanted is not None and self.rungs.cursor:
            self._wanted = None
        elif wanted is not None and found and (over or found[-1].first > wanted + 1):
            self.rungs.move_to(find_event(found, wanted, self.state.index.associations[wanted]))
            self._wanted = None
        if self._wanted is None and self.rungs.event is not self._event:
            self.show_event()

    def show_title(self) -> None:
        """Tell how many rungs there are, how they are drawn, and what is not among them."""
        state, styles, part, rungs = self.state, self.state.styles, self.part, self.rungs
        text = Text(f"{rungs.count:,} {'PDUs' if self._unfold else 'messages and PDUs'}", styles["title"])
        if part is not None:
            for told, role in self.list_limits(part):
                text.append(f"  {told}", styles[role])
        if rungs.marked:
            text.append(f"  {len(rungs.marked):,} marked", styles["found"])
        if state.filter_text:
            text.append(f"  filter: {escape(state.filter_text)}")
        text.append(f"  colour by {rungs.coloring}", styles["dim"])
        if state.private:
            text.append("  private", styles["mark"])
        self.query_one(Bar).update(text)

    def list_limits(self, part: Rungs) -> list[tuple[str, str]]:
        """Tell where the part begins and ends, and what keeps more from being there, each with its role."""
        told, found, job = list[tuple[str, str]](), self.rungs.events, part.job
        if part.start > find_first(self.state):
            begin = found[0].first if found else part.start + 1
            told.append((f"from PDU {begin:,} ([: earlier)", "warning"))
        if part.cut and found:
            told.append((f"to PDU {found[-1].first:,} (]: later)", "warning"))
        if job.error is not None:
            told.append((f"failed: {escape(str(job.error))}", "error"))
        elif part.reads:
            told.append((f"still reading, {self.state.loading.share:.0%}", "warning"))
        elif not job.over:
            told.append((f"drawing, {job.share:.0%}", "warning"))
        return told

    # What is said

    @on(Pane.Moved, "#rungs")
    def show_event(self) -> None:
        """Show what is said beside the ladder, in a thread where it is much."""
        event = self.rungs.event
        if event is None or not self.nodes.display:
            return
        self._event = event
        row, number, messages = event.first - 1, self.find_message(self.rungs.cursor), self.state.index.messages
        carried = (number,) if number else self.state.index.list_messages(row)
        if any(map(messages.is_large, carried)):
            self.nodes.empty = "decoding"
            self.nodes.show(None)
            self.decode_slowly(event, number)
        else:
            self.nodes.show(self.make_node(self.state.recall, row, number))

    @on(events.Resize)
    def show_resized(self) -> None:
        """Tell beside the ladder what there was no room for before."""
        self.call_after_refresh(self.show_event)

    def find_message(self, at: int) -> int:
        """Find the number of the message that a rung is; 0 where it is a PDU."""
        return 0 if self._unfold else find_message(self.state.index, self.rungs.events, at)

    def make_node(self, recall: Recall, row: int, number: int) -> Node:
        """Make the node of a message, or of a row's PDU."""
        return make_node(self.state.index, recall, number) if number else recall.make_entry(row).top

    @work(thread=True, exclusive=True, group="decode", exit_on_error=False)
    def decode_slowly(self, event: Event, number: int) -> None:
        """Decode a large message."""
        with self._slow_lock:
            if self._event is not event:
                return
            node = self.make_node(self._slow, event.first - 1, number)
            decode_groups(node)
        self.app.call_from_thread(self.show_decoded, event, node)

    def show_decoded(self, event: Event, node: Node) -> None:
        """Show a message that was decoded, if it is still wanted."""
        if self._event is event:
            self.nodes.show(node)

    # What keys do

    def action_unfold(self) -> None:
        """Draw a rung a PDU, or a rung a message."""
        self._unfold = not self._unfold
        self.begin_again()

    def action_privacy(self) -> None:
        """Mask what may tell who somebody is, or no longer."""
        self.main.action_privacy()
        self.nodes.refresh()
        self.begin_again()

    def action_part(self, step: int) -> None:
        """Draw the part behind this one, or before it."""
        part, found = self.part, self.rungs.events
        if part is None:
            return
        if step > 0 and part.cut and found:
            self._wanted = found[-1].first - 1
            self.begin(self._wanted)
        elif step < 0 and part.start > find_first(self.state):
            self._wanted = part.start
            self.begin(find_start(self.state, part.start))
        else:
            self.notify(f"there is nothing {'later' if step > 0 else 'earlier'}", timeout=2)

    def action_color(self) -> None:
        """Colour by something else."""
        self.rungs.color_next()
        self.show_title()

    def action_mark(self) -> None:
        """Mark the rung, or no longer."""
        self.rungs.mark()
        self.show_title()

    def action_compare(self) -> None:
        """Compare the operations of the two messages that are marked."""
        marked = self.rungs.list_marked() if len(self.rungs.marked) == 2 else []
        numbers = [self.find_message(self.rungs.events.index(event)) for event in marked]
        if len(marked) != 2 or not all(numbers):
            self.notify("mark two messages with Space: D compares their operations", timeout=4)
            return
        found = make_pair(self.main, *numbers)
        if isinstance(found, str):
            self.notify(found, timeout=4)
        else:
            show_above(self, found)

    def action_failure(self, step: int) -> None:
        """Go to the next rung that fails, or the one before."""
        at = self.rungs.find_failure(step)
        if at is None:
            self.notify("no further failure", timeout=2)
        else:
            self.rungs.move_to(at)

    def action_next_pane(self) -> None:
        """Go from the ladder to the tree, or back; where there is room for one alone, show that."""
        to_tree = self.rungs.has_focus
        self.set_class(to_tree, "tree")
        (self.nodes if to_tree else self.rungs).focus()
        if to_tree:
            self.call_after_refresh(self.show_event)

    def action_go(self) -> None:
        """Go to the PDU on the main screen."""
        if self.rungs.event is not None:
            self.dismiss(Jump(self.rungs.event.first - 1))

    @on(Pane.Chosen, "#rungs")
    def take_choice(self) -> None:
        """Go to the PDU on the main screen."""
        self.action_go()
