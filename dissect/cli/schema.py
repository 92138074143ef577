"""The verb `schema`: the JSON Schema of a machine output."""

import argparse
from importlib.resources import files

from dissect.cli import DONE
from dissect.cli.output import write


def run(options: argparse.Namespace) -> int:
    """Print the schema, and give the exit status."""
    write([files("dissect").joinpath("schemas", f"{options.name}.json").read_text(encoding="utf-8")])
    return DONE
