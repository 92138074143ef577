"""The verb `fields`: what a filter and a column may ask for."""

import argparse
from collections.abc import Iterator

from dissect.cli.session import write
from dissect.query.fields import FIELDS
from dissect.values import index_keywords, look_up

MOST_ELEMENTS = 40
"""How many elements are printed where the words are not more particular."""


def run(options: argparse.Namespace) -> int:
    """Print the fields, and the elements whose keywords hold the words; give the exit status."""
    return 0 if write(make_lines([word.casefold() for word in options.words])) else 1


def make_lines(words: list[str]) -> Iterator[str]:
    """Give a line a field, then a line an element."""
    for name, field in FIELDS.items():
        if all(word in f"{name} {field.meaning}".casefold() for word in words):
            yield f"{name:<42} {field.meaning}\n"
    if not words:
        yield f"{'PatientName, (0010,0010)':<42} any element; dissect fields WORD finds keywords\n"
        yield f"{'SomeSequence[0].CodeValue':<42} a path through items, counted from 0; [*] or nothing is any item\n"
        return
    found = [(name, tag) for name, tag in index_keywords().items() if all(word in name.casefold() for word in words)]
    for name, tag in found[:MOST_ELEMENTS]:
        label = look_up(int(tag.replace("x", "0"), 16)).name
        yield f"{name:<42} ({tag[:4]},{tag[4:]}) {label}\n"
    if len(found) > MOST_ELEMENTS:
        yield f"... and {len(found) - MOST_ELEMENTS} more elements; name more of the keyword\n"
