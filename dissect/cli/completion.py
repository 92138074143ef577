"""The verb `completion`: a script that lets a shell complete commands."""

import argparse

from dissect.cli import DONE
from dissect.cli.arguments import make_parser
from dissect.cli.output import write
from dissect.completion import make_script


def run(options: argparse.Namespace) -> int:
    """Print the script, and give the exit status."""
    write([make_script(make_parser(), options.shell)])
    return DONE
