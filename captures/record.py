"""Record the captures of this folder anew: real peers talk over the loopback interface, and tcpdump listens.

The scenes that no peer plays, `built-...`, are written without a network.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project's root, whose modules are imported

try:
    from captures.peers import PACKAGES, RecordError, find_tool, run
    from captures.scenes import (
        associations,
        built_associations,
        built_charsets,
        built_messages,
        changes,
        charsets,
        datasets,
        printing,
        procedures,
        queries,
        retrieval,
        storage,
        syntaxes,
        workitems,
    )
except ModuleNotFoundError as error:
    if __name__ != "__main__":
        raise
    print(f"record.py: no module {error.name}: pip install pynetdicom pydicom scapy", file=sys.stderr)
    sys.exit(2)

__all__ = ["SCENES", "RecordError", "main", "record"]

RECORDED = (
    associations, queries, charsets, storage, datasets, syntaxes, retrieval, procedures, workitems, printing,
    changes,
)  # fmt: skip
BUILT = (built_associations, built_messages, built_charsets)
SCENES: dict[str, Callable[[Path], None]] = {
    name: scene for module in (*RECORDED, *BUILT) for name, scene in module.SCENES.items()
}
PCAPNG = {"c-echo-ipv6"}


def record(name: str, to: Path) -> Path:
    """Record one scene into the folder and return the capture's path."""
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder, f"{name}.pcap")
        SCENES[name](capture)
        if name in PCAPNG:
            pcap, capture = capture, capture.with_suffix(".pcapng")
            run("editcap", "-F", "pcapng", str(pcap), str(capture))
        return Path(shutil.move(capture, to / capture.name))


def main(arguments: list[str] | None = None) -> int:
    """Record the scenes that the command line names, or all."""
    width = max(map(len, SCENES)) + 2
    scenes = "\n".join(f"  {name:<{width}}{scene.__doc__}" for name, scene in SCENES.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"scenes:\n{scenes}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="scene to record (default: all)")
    parser.add_argument(
        "--to", type=Path, metavar="DIR", default=Path(__file__).parent, help="default: the script's folder"
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in SCENES]
    if unknown:
        parser.error(f"no scene {unknown[0]}: there are {', '.join(SCENES)}")
    try:
        if not options.names:  # rather none than half of them
            for tool in PACKAGES:
                find_tool(tool)
        for name in options.names or SCENES:
            print(record(name, options.to))
    except (RecordError, OSError, subprocess.TimeoutExpired) as error:
        print(f"record.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
