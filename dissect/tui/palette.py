"""A theme, in: the style of each role that something on the screen may have, and the glyphs beside it, out."""

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

MONOCHROME = "monochrome"
HIGH_CONTRAST = "high-contrast"

OWN = "dissect"

THEMES = (
    Theme(
        OWN, primary="#58a6ff", secondary="#bc8cff", warning="#e3b341", error="#ff7b72", success="#56d364",
        accent="#39c5cf", foreground="#e6edf3", background="#0d1117", surface="#11161d", panel="#1b222c",
        variables={"border-blurred": "#3d4754", "footer-key-foreground": "#58a6ff"},
    ),
    Theme(
        MONOCHROME, primary="#ffffff", secondary="#ffffff", warning="#ffffff", error="#ffffff", success="#ffffff",
        accent="#ffffff", foreground="#ffffff", background="#000000", surface="#000000", panel="#000000",
        boost="#000000",
        variables={
            "block-cursor-background": "#ffffff", "block-cursor-foreground": "#000000", "border": "#ffffff",
            "border-blurred": "#808080", "footer-key-foreground": "#ffffff", "input-selection-background": "#808080",
        },
    ),
    Theme(
        HIGH_CONTRAST, primary="#ffff00", secondary="#ff80ff", warning="#ffff00", error="#ff6060", success="#60ff60",
        accent="#00ffff", foreground="#ffffff", background="#000000", surface="#000000", panel="#101010",
        variables={
            "block-cursor-background": "#ffff00", "block-cursor-foreground": "#000000", "border": "#ffff00",
            "border-blurred": "#a0a0a0", "footer-key-foreground": "#ffff00",
        },
    ),
)  # fmt: skip
"""Themes of our own: the usual one, one without any colour, for NO_COLOR, and one in which everything stands out."""

TINTS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999")
"""The hues of Okabe and Ito, which most people with impaired colour vision can tell apart."""

Styles = Mapping[str, Style]


@lru_cache(maxsize=8)
def make_styles(variables: tuple[tuple[str, str], ...], *, colored: bool) -> Styles:
    """Make the style of each role from the variables of a theme; without colours, of bold, reverse and underlined."""
    known = dict(variables)

    def paint(name: str, attributes: str = "") -> Style:
        style = Style.parse(attributes)
        return style + Style(color=Color.parse(known[name]).rich_color) if colored else style

    cursor = Style(
        color=Color.parse(known["background"]).rich_color, bgcolor=Color.parse(known["primary"]).rich_color, bold=True
    )
    return {
        "": Style(),
        "normal": Style(),
        "error": paint("text-error", "bold"),
        "error-reverse": paint("error", "bold reverse"),
        "error-text": paint("text-error", "" if colored else "underline"),
        "warning": paint("text-warning", "" if colored else "underline"),
        "secondary": paint("text-secondary", "" if colored else "italic"),
        "accent": paint("text-accent", "" if colored else "bold"),
        "muted": paint("text-primary"),
        "dim": Style(dim=True),
        "remark": paint("text-accent", "italic"),
        "head": Style(bold=True, underline=True),
        "name": Style(bold=True),
        "tag": paint("text-accent"),
        "value": Style(),
        "cursor": cursor if colored else Style(reverse=True, bold=True),
        "blurred": Style(reverse=True, dim=True),
        "mark": paint("warning", "bold reverse"),
        "mark-head": paint("warning", "reverse underline"),
        "found": paint("text-success", "bold underline"),
        "title": paint("text-primary", "bold"),
    }


GLYPHS = {
    "closed": "\u25b8", "open": "\u25be", "more": "\u2026", "requestor": "\u2192", "acceptor": "\u2190",
    "unknown": "-", "rule": "\u2500", "answers": "\u21a9", "answered": "\u21aa", "selected": "\u2611", "ok": "\u2713",
    "bad": "\u2717", "bar": "\u258c", "delta": "\u0394", "error": "\u2717", "warning": "!",
    "remark": "i",
}  # fmt: skip

ASCII = {
    "closed": "+", "open": "-", "more": "~", "requestor": ">", "acceptor": "<", "unknown": "?", "rule": "-",
    "answers": "re:", "answered": "->", "selected": "*", "ok": "ok", "bad": "X", "bar": "|", "delta": "d",
    "error": "X", "warning": "!", "remark": "i",
    "\u2717": "X", "\u25a0": "#", "\u2026": ".", "\u25c6": "@", "\u25c7": "o", "\u00b7": ".",
}  # fmt: skip
"""What stands for a glyph where a terminal has no letters but ASCII."""
