"""Writes the manual page and the completion scripts that the parser tells: python -m docs.manual."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dissect import __version__
from dissect.cli.arguments import make_parser
from dissect.completion import Slot, Verb, make_script, read_verbs

FOLDER = Path(__file__).parent
SCRIPTS = {"completions/dissect": "bash", "completions/_dissect": "zsh", "completions/dissect.fish": "fish"}
"""The scripts, as their shells want them to be called."""

GLYPHS = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"})
"""What roff would read as something else (groff_char(7))."""

STATUS = re.compile(r"^exit status: (.*)$", re.MULTILINE)
RELEASE = re.compile(rf"^## \[{re.escape(__version__)}\] - (\S+)$", re.MULTILINE)

ENVIRONMENT = {
    "DISSECT_CONFIG": "The configuration file; empty for none.",
    "NO_COLOR": "Where it is set and not empty, nothing is painted, unless --color always asks for it.",
    "PAGER": "What a FILE alone is shown with on a terminal, with options that browse has not (default: less).",
}
FILES = {
    "~/.config/dissect/config.toml": "Settings, where DISSECT_CONFIG names no file. Some platforms keep it elsewhere."
}


def make_files() -> dict[str, str]:
    """Give the text of each file, by its path in this folder."""
    scripts = {path: make_script(make_parser(), shell) for path, shell in SCRIPTS.items()}
    return {"dissect.1": make_manual(), **scripts}


def make_manual() -> str:
    """Make the manual page, in the language of man(7)."""
    command, *verbs = read_verbs(make_parser())
    release = RELEASE.search((FOLDER.parent / "CHANGELOG.md").read_text(encoding="utf-8"))
    status = STATUS.search(command.epilog)
    assert status, "the help tells no exit status"
    lines = [
        f'.TH DISSECT 1 "{release[1] if release else ""}" "dissect {__version__}" "User Commands"',
        *(".nh", ".ad l"),
        *(".SH NAME", r"dissect \- show the DICOM conversation in a network capture"),
        *(".SH SYNOPSIS", r".B dissect", r"\fIFILE\fR...", ".br", r".B dissect", r"\fIVERB\fR [\fIOPTION\fR]..."),
        *(".SH DESCRIPTION", escape(command.about)),
        *draw_options(command),
        *draw_epilog(STATUS.sub("", command.epilog)),
        ".SH VERBS",
        *(line for verb in verbs for line in draw_verb(verb)),
        *(".SH EXIT STATUS", *draw_terms(dict(part.split(" ", 1) for part in re.split(r", (?=\d+ )", status[1])))),
        *(".SH ENVIRONMENT", *draw_terms(ENVIRONMENT)),
        *(".SH FILES", *draw_terms(FILES)),
        *(".SH SEE ALSO", ".BR tshark (1),", ".BR wireshark (1),", ".BR editcap (1)"),
    ]
    return "\n".join(lines) + "\n"


def draw_verb(verb: Verb) -> Iterator[str]:
    """Draw the part of a verb: how it is called, what it does, its options, examples."""
    yield f".SS {verb.name}"
    words = [rf"\fBdissect {verb.name}\fR", r"[\fIOPTION\fR]...", *map(draw_place, verb.places)]
    yield from (" ".join(words), ".PP", escape(verb.about))
    yield from draw_terms({draw_place(place): place.help for place in verb.places if place.help}, raw=True)
    yield from draw_options(verb)
    yield from draw_epilog(verb.epilog)


def draw_place(place: Slot) -> str:
    """Draw a positional word as it stands in a synopsis."""
    title = place.title if place.title.isupper() else "|".join(place.words)
    word = rf"\fI{escape(title)}\fR" + "..." * place.repeats
    return f"[{word}]" if place.optional else word


def draw_options(verb: Verb) -> Iterator[str]:
    """Draw the options; that each verb has --help is said once, with those of the command itself."""
    slots = [slot for slot in verb.options if not verb.name or "--help" not in slot.names]
    return draw_terms({draw_names(slot): slot.help for slot in slots}, raw=True)


def draw_names(slot: Slot) -> str:
    """Draw the names of an option and what stands for its value."""
    value = slot.title if slot.title.isupper() else "|".join(slot.words) or slot.title
    names = ", ".join(rf"\fB{escape(name)}\fR" for name in slot.names)
    return names + rf" \fI{escape(value)}\fR" * slot.count


def draw_terms(terms: Mapping[str, str], *, raw: bool = False) -> Iterator[str]:
    """Draw terms, each with a paragraph that explains it; raw ones are roff already."""
    for term, about in terms.items():
        yield from (".TP", term if raw else rf"\fB{escape(term)}\fR", escape(about))


def draw_epilog(epilog: str) -> Iterator[str]:
    """Draw the end of a help: examples as they stand, other paragraphs filled."""
    for block in filter(None, map(str.strip, epilog.split("\n\n"))):
        first, _, rest = block.partition("\n")
        if re.fullmatch("[a-z ]+:", first):
            yield from (".PP", escape(first.capitalize()), ".PP", ".nf", ".RS 4", *draw_lines(rest), ".RE", ".fi")
        else:
            yield from (".PP", escape(block))


def draw_lines(text: str) -> Iterable[str]:
    """Draw lines that stay as they are, without the indent that they share with a help."""
    return (escape(line.removeprefix("  ")) for line in text.splitlines())


def escape(text: str) -> str:
    """Write text so that roff takes nothing in it for a request or an escape."""
    lines = text.translate(GLYPHS).splitlines()
    return "\n".join(rf"\&{line}" if line.startswith(".") else line for line in lines)


def main() -> None:
    """Write all files."""
    for path, text in make_files().items():
        (FOLDER / path).parent.mkdir(exist_ok=True)
        (FOLDER / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
