"""The verb `rules`: the catalogue of rules that a capture is held to."""

import argparse

from dissect.catalogue import CATALOG
from dissect.cli import DONE, TROUBLE
from dissect.cli.output import complain, measure_width, write
from dissect.codes import UnknownCode, choose_codes
from dissect.views import rules as views


def run(options: argparse.Namespace) -> int:
    """Print all rules, or those that are named, and give the exit status."""
    try:
        codes = choose_codes(options.codes) if options.codes else list(CATALOG)
    except UnknownCode as error:
        complain(f"rules: {error}")
        return TROUBLE
    if options.form == "json":
        write(views.show_json(codes))
    elif options.form == "markdown":
        write(views.show_markdown(codes))
    elif options.codes:
        write(views.show_rules(codes, measure_width()))
    else:
        write(views.list_rules(codes))
    return DONE
