"""What keys do, in one table, in: the bindings of each place, out. Help is made from the same table."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """A thing that keys do: its name, by which a configuration file may give it other keys; where it can be done."""

    name: str
    place: str
    keys: str
    action: str
    title: str
    footer: str = ""
    """What the footer says of it, '' where it does not."""


KEYS = (
    Key("up", "move", "up,k", "move(-1)", "Line up"),
    Key("down", "move", "down,j", "move(1)", "Line down"),
    Key("page-up", "move", "pageup", "page(-1)", "Page up"),
    Key("page-down", "move", "pagedown", "page(1)", "Page down"),
    Key("half-up", "move", "ctrl+u", "page(-0.5)", "Half a page up"),
    Key("half-down", "move", "ctrl+d", "page(0.5)", "Half a page down"),
    Key("start", "move", "home,g", "start", "First line"),
    Key("end", "move", "end,G", "end", "Last line; while reading, follow the end"),
    Key("choose", "move", "enter", "choose", "Go into the line: to the tree, the whole value, the PDU"),
    Key("fold-open", "list", "right,l", "open", "Show what is below the line"),
    Key("fold-close", "list", "left,h", "close", "Hide what is below the line"),
    Key("select", "list", "space", "select", "Select the PDU"),
    Key("open-node", "tree", "right,l", "open", "Open the node, or go to its first child"),
    Key("close-node", "tree", "left,h", "close", "Close the node, or go to its parent"),
    Key("open-subtree", "tree", "asterisk", "open_subtree", "Open all below the node"),
    Key("open-all", "tree", "E", "open_all", "Open the whole tree"),
    Key("close-all", "tree", "C", "close_all", "Close the whole tree"),
    Key("byte-left", "hex", "left,h", "step(-1)", "Previous byte"),
    Key("byte-right", "hex", "right,l", "step(1)", "Next byte"),
    Key("filter", "main", "slash", "filter", "Filter", "Filter"),
    Key("find", "main", "ctrl+f", "find", "Find text, bytes or a filter", "Find"),
    Key("find-next", "main", "n,ctrl+n", "find_again(1)", "Find next"),
    Key("find-before", "main", "N,ctrl+b", "find_again(-1)", "Find previous"),
    Key("go", "main", "colon", "go", "Go to a PDU (12), a frame (f12), an offset (@0x40) or a time (+1.5)", "Go to"),
    Key("next-pdu", "main", "f8,ctrl+down", "step_pdu(1)", "Next PDU, from any pane"),
    Key("previous-pdu", "main", "f7,ctrl+up", "step_pdu(-1)", "Previous PDU, from any pane"),
    Key("next-in-association", "main", "right_square_bracket", "step_in_association(1)", "Next PDU of the association"),
    Key("previous-in-association", "main", "left_square_bracket", "step_in_association(-1)",
        "Previous PDU of the association"),
    Key("next-association", "main", "right_curly_bracket", "step_association(1)", "Next association"),
    Key("previous-association", "main", "left_curly_bracket", "step_association(-1)", "Previous association"),
    Key("next-problem", "main", "e", "step_problem(1)", "Next failure or problem"),
    Key("previous-problem", "main", "ctrl+e", "step_problem(-1)", "Previous failure or problem"),
    Key("partner", "main", "p", "partner", "From a response to its request, or from a request to its response"),
    Key("back", "main", "less_than_sign,alt+left", "back", "Back to where you were"),
    Key("forward", "main", "greater_than_sign,alt+right", "forward", "Forward again"),
    Key("next-pane", "main", "tab", "next_pane(1)", "Next pane"),
    Key("previous-pane", "main", "shift+tab", "next_pane(-1)", "Previous pane"),
    Key("list-pane", "main", "1", "pane(0)", "Go to the PDU list"),
    Key("tree-pane", "main", "2", "pane(1)", "Go to the tree"),
    Key("hex-pane", "main", "3", "pane(2)", "Go to the bytes"),
    Key("field-filter", "main", "f", "field", "Selected field as filter: and, or, not, replace; as column"),
    Key("follow", "main", "a", "follow", "Only this association, or all again", "Follow"),
    Key("toggle-filter", "main", "ctrl+y", "toggle_filter", "Filter off and on"),
    Key("copy", "main", "y", "copy", "Copy value, tag, filter, bytes, row, JSON, command"),
    Key("mark", "main", "m", "mark", "Mark the PDU with a letter"),
    Key("jump", "main", "apostrophe", "jump", "Jump to a mark"),
    Key("comment", "main", "semicolon", "comment", "Comment on the PDU"),
    Key("reference", "main", "T", "reference", "Count times from this PDU, or from the first again"),
    Key("tint", "main", "c", "tint", "Colour the association"),
    Key("time", "main", "t", "time", "Tell times in the next form"),
    Key("view", "main", "v", "view", "PDUs, messages or associations as rows", "Rows"),
    Key("associations", "main", "A", "app.screen('associations')", "Associations"),
    Key("ladder", "main", "L", "app.screen('ladder')", "Ladder diagram", "Ladder"),
    Key("message", "main", "F", "app.screen('message')", "The message put together"),
    Key("statistics", "main", "S", "app.screen('statistics')", "Statistics"),
    Key("problems", "main", "exclamation_mark", "app.screen('problems')", "Problems", "Problems"),
    Key("compare", "main", "D", "app.compare", "Compare with another capture or a snapshot"),
    Key("picture", "main", "i", "app.screen('picture')", "Picture"),
    Key("export", "main", "X", "app.screen('export')", "Export", "Export"),
    Key("save", "main", "w", "app.save", "Save frames as pcapng"),
    Key("zoom", "main", "backslash", "zoom", "Zoom the pane"),
    Key("layout", "main", "vertical_line", "layout", "Next layout"),
    Key("bytes", "main", "x", "bytes", "Show bytes or hide them"),
    Key("grow", "main", "plus", "grow(1)", "More room for the list"),
    Key("shrink", "main", "minus", "grow(-1)", "Less room for the list"),
    Key("privacy", "main", "P", "privacy", "Privacy mask on and off"),
    Key("open", "main", "ctrl+o", "app.screen('open')", "Open a capture"),
    Key("reload", "main", "ctrl+r", "reload", "Read the capture again"),
    Key("help", "app", "question_mark,f1", "help", "Help", "Help"),
    Key("leave", "app", "q", "leave", "Back, or quit"),
    Key("cancel", "app", "escape", "cancel", "Back, or stop what runs"),
    Key("quit", "app", "ctrl+q", "quit", "Quit"),
    Key("interrupt", "app", "ctrl+c", "interrupt", "Copy the selected text, or cancel what runs"),
)  # fmt: skip

AT_ONCE = ("interrupt", "filter", "find", "go", "field", "copy", "mark", "jump", "comment", "tint")
"""What is done before the next key is looked at: that key may be the beginning of an answer."""

PLACES = {
    "move": "In every list", "list": "In the PDU list", "tree": "In the tree", "hex": "In the bytes",
    "main": "On the main screen", "app": "Everywhere", "screen": "On this screen",
}  # fmt: skip


def make_bindings(place: str, keys: Iterable[Key] = KEYS) -> list[BindingType]:
    """Make the bindings of a place."""
    return [
        Binding(
            key.keys,
            key.action,
            key.footer or key.title,
            show=bool(key.footer),
            id=key.name,
            priority=key.name in AT_ONCE,
        )
        for key in keys
        if key.place == place
    ]


NAMED: set[str] = set()
"""The names of the keys of all screens that were imported."""


def name_keys(place: str, bindings: Iterable[Binding]) -> list[BindingType]:
    """Give the bindings of a screen names by which a configuration file may give them other keys: `ladder.export`."""
    named = []
    for each in bindings:
        action = each.action.replace("(-", " back ")
        name = each.id or f"{place}.{re.sub(r'[^a-z0-9]+', '-', action).strip('-')}"
        NAMED.add(name)
        named.append(replace(each, id=name))
    return list(named)


KEY_NAMES = {
    "slash": "/", "colon": ":", "right_square_bracket": "]", "left_square_bracket": "[", "right_curly_bracket": "}",
    "left_curly_bracket": "{", "less_than_sign": "<", "greater_than_sign": ">", "apostrophe": "'", "semicolon": ";",
    "exclamation_mark": "!", "backslash": "\\", "vertical_line": "|", "plus": "+", "minus": "-", "question_mark": "?",
    "up": "\u2191", "down": "\u2193", "left": "\u2190", "right": "\u2192", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "enter": "Enter", "space": "Space", "escape": "Esc", "asterisk": "*",
    "ctrl+up": "Ctrl+\u2191", "ctrl+down": "Ctrl+\u2193", "alt+left": "Alt+\u2190", "alt+right": "Alt+\u2192",
}  # fmt: skip


def tell_key(keys: str) -> str:
    """Tell keys as they stand on a keyboard."""
    return " ".join(KEY_NAMES.get(each, each) for each in keys.split(","))
