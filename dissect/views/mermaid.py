"""The events of a ladder diagram, in: a sequence diagram for Mermaid, out."""

import re
from collections.abc import Iterator, Sequence

from dissect.ladder.columns import Columns
from dissect.ladder.events import Event
from dissect.text import escape
from dissect.views.ladder import UNICODE, tell_endpoint
from dissect.views.times import Clock

UNSAFE_IN_MERMAID = re.compile(r"[^A-Za-z0-9 .,:/_()=+\-]")
KEYWORD = re.compile(r"\bend\b", re.IGNORECASE)


def draw_mermaid(events: Sequence[Event], clock: Clock) -> Iterator[str]:
    """Give a Mermaid sequence diagram, a message an event: dashed for data, with a cross for a failure or a loss."""
    if not events:
        return
    columns = Columns(events)
    yield "sequenceDiagram\n"
    for number, endpoint in enumerate(columns.endpoints, 1):
        lines = [quote_mermaid(text) for text in tell_endpoint(endpoint, UNICODE) if text]
        yield f"    participant p{number} as {'<br/>'.join(lines)}\n"
    for event in events:
        source, target = columns.find(event)
        line = "--" if event.kind in ("data", "lost") else "-"
        head = "x" if event.failure or event.kind == "lost" else ">>"
        label = quote_mermaid(f"{clock(event.start)} {escape(event.label)}")
        yield f"    p{source + 1}{line}{head}p{target + 1}: {label}\n"


def quote_mermaid(text: str) -> str:
    """Write what Mermaid might take for more than text as its number; so the word that ends a block."""
    plain = UNSAFE_IN_MERMAID.sub(lambda found: f"#{ord(found[0])};", text)
    return KEYWORD.sub(lambda found: f"#{ord(found[0][0])};{found[0][1:]}", plain)
