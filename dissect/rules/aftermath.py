"""Connections that are over, in: a node for each of which one must know something, and what their ends show, out."""

from collections.abc import Sequence

from dissect.association import Association
from dissect.catalogue import CATALOG
from dissect.node import Node
from dissect.notes import Finding, Note, note_finding
from dissect.quality import is_routine, judge_beginning, judge_carriage, judge_end, make_connection_node
from dissect.rules.endings import MOST_KEPT, Ending, Endings
from dissect.tcp.streams import Connection

MOST_TOLD = 1000
"""Of how many connections `show` tells what one must know: of more, `connections` does."""


class Aftermath:
    """What is told of connections that are over."""

    __slots__ = ("_nodes", "_thorough", "endings")

    def __init__(self, *, thorough: bool) -> None:
        """Start without any; `thorough` keeps what is to be told of connections of which nothing need be."""
        self._thorough = thorough
        self._nodes: dict[int, Node] = {}
        """Those of connections, by their numbers."""
        self.endings = Endings()
        """The rules that were broken as the ends of associations and of the capture show."""

    def list_nodes(self) -> list[Node]:
        """Give the nodes of connections in the order of their numbers."""
        return [self._nodes[number] for number in sorted(self._nodes)]

    def conclude(self, connection: Connection, numbers: Sequence[int]) -> None:
        """Take a connection that is over, and the numbers of its associations, of which there is one at least."""
        if self._thorough or (len(self._nodes) < MOST_TOLD and not is_routine(connection)):
            self.make_node(connection, numbers)
        for tell in (judge_beginning, judge_carriage, judge_end):
            for found in tell(connection):
                self.endings.add(make_ending(found, connection, numbers[0]))

    def end(self, association: Association, ending: Ending) -> None:
        """Take a rule that was broken as the end of an association or of the capture shows."""
        self.endings.add(ending)
        connection = association.connection
        node = self._nodes.get(connection.number)
        if node is None and len(self._nodes) < MOST_TOLD and CATALOG[ending.finding.code].severity != "remark":
            node = self.make_node(connection, association.siblings)
        if node is not None and len(node.children) < MOST_KEPT:
            node.add(make_ending_node(ending, len(node.children)))

    def make_node(self, connection: Connection, numbers: Sequence[int]) -> Node:
        """Make the node of a connection, with the numbers of its associations."""
        node = self._nodes[connection.number] = make_connection_node(connection, numbers)
        return node


def make_ending(found: Note, connection: Connection, number: int) -> Ending:
    """Take a note on how TCP carried a connection for one on its first association."""
    sender = next((each for each in connection.streams if each.sender == found.values.get("sender")), None)
    frame = found.values.get("frame")
    frames = [frame] if isinstance(frame, int) else found.span.frames() if found.span is not None else []
    blamed = sender if sender is not None and found.rule.blame == "named" else None
    return Ending(Finding(found.code, "", found.values), number, 0, frames, blamed.sender if blamed else "", None)


def make_ending_node(ending: Ending, place: int) -> Node:
    """Make the node of a rule that was broken as an end shows: which PDU it is about, and the note on that."""
    about = f"PDU {ending.pdu}, association {ending.association}"
    node = Node(f"ending.{place}", about, layout="generated")
    node.notes.append(note_finding(ending.finding, None))
    return node
