"""Run the command line: `python -m dissect`."""

import sys

from dissect.cli import main

if __name__ == "__main__":
    sys.exit(main())
