"""What a user has set, in: the key's name or the theme in it that is not there, and what is, in a line, out."""

from difflib import get_close_matches
from importlib import import_module

from textual.theme import BUILTIN_THEMES

from dissect.config import Config
from dissect.tui.keys import KEYS, NAMED
from dissect.tui.palette import THEMES
from dissect.tui.screens import SCREENS


def find_unknown(config: Config, theme: str | None) -> str:
    """Tell which key name or theme of a user's there is not, '' for none."""
    names = [key.name for key in KEYS]
    if any("." in name for name in config.keys):
        for module, _ in SCREENS.values():
            import_module(f"dissect.tui.{module}")
        names += sorted(NAMED - set(names))
    strange = next((name for name in config.keys if name not in names), None)
    if strange is not None:
        near = get_close_matches(strange, names, 1)
        listed = ", ".join(names)
        return f"keys.{strange}: no such name; {f'did you mean {near[0]}?' if near else f'there are {listed}'}"
    themes = sorted({*BUILTIN_THEMES, *(each.name for each in THEMES)})
    wanted = theme or config.theme
    listed = ", ".join(themes)
    return f"theme {wanted}: there are {listed}" if wanted and wanted not in themes else ""
