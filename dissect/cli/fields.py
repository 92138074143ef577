"""The verb `fields`: what a filter and a column may ask for."""

import argparse
from collections.abc import Iterator

from dissect.cli import DONE
from dissect.cli.output import complain, write
from dissect.dicom.values import index_keywords, look_up
from dissect.query.fields import FIELDS

MOST_ELEMENTS = 40
"""How many elements are printed where the words are not more particular."""

LANGUAGE = """
tests       FIELD alone: there is one; == != === !== < <= > >= VALUE; in {1, 4..6}
            contains "text", startswith "text", matches "pattern" (capitals or not), also written ~
            == holds if any value is equal, != if all differ, === if all are equal, !== if any differs
joined by   and or not ( ), also written && || !
values      1 0x10 0.5 word "text" r"raw text" 10.0.0.0/8; a status as A700; codes and UIDs by their names
parts       FIELD[first:count] FIELD[first-last]; len(FIELD) count(FIELD) lower(FIELD) upper(FIELD)
elements    Keyword or (gggg,eeee), x for any digit, at any depth; Seq[0].Keyword, Seq.Keyword along a path
            Keyword:vr Keyword:len Keyword:name Keyword:raw
scopes      item(...)   that hold for one sequence item
            msg(...)    all PDUs of a message, if they hold for one of them, or for command set and data set at once
            op(...)     ... of an operation: the request and its responses
            assoc(...)  ... of an association
anywhere    "text" alone, capitals or not; any contains "text"
"""


def run(options: argparse.Namespace) -> int:
    """Print the fields, and the elements in whose names the words stand; give the exit status."""
    words = [word.casefold().strip("()") for word in options.words]
    if not write(make_lines(words)):
        complain(f"no field and no element has {' '.join(options.words)} in its name")
    return DONE


def make_lines(words: list[str]) -> Iterator[str]:
    """Give a line a field, then a line an element, or the language where no words are asked for."""
    for name, field in FIELDS.items():
        if all(word in f"{name} {field.meaning}".casefold() for word in words):
            yield f"{name:<42} {field.meaning}\n"
    if not words:
        yield LANGUAGE
        return
    elements = ((name, f"({tag[:4]},{tag[4:]})", name_element(tag)) for name, tag in index_keywords().items())
    found = [each for each in elements if all(word in " ".join(each).casefold() for word in words)]
    for name, tag, label in found[:MOST_ELEMENTS]:
        yield f"{name:<42} {tag} {label}\n"
    if len(found) > MOST_ELEMENTS:
        yield f"... and {len(found) - MOST_ELEMENTS} more elements; name more of the keyword\n"


def name_element(tag: str) -> str:
    """Give an element's name by the digits of its tag."""
    return look_up(int(tag.replace("x", "0"), 16)).name
