"""The events of a ladder diagram, in: the endpoints between which they go, a column each, out."""

from collections.abc import Iterable, Sequence

from dissect.ladder.events import Endpoint, Event

MOST_ENDPOINTS = 100
"""A diagram has no more columns: all further endpoints share the last one."""

Name = tuple[str, str, str]
"""What names a column: address, AE title, and what parts ends that are alike: the port, or `asks`."""


class Columns:
    """The endpoints of events, a column each, and between which of them each event goes.

    An endpoint is an address and an AE title: the connections between two of them share their columns. An end whose
    title is not known is taken for the one that has been, or will be, at the same address and port. Where both ends
    are alike, as on one host whose titles nobody knows, their ports part them.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        """Take all events: the columns stand in order of first appearance."""
        self._known: dict[tuple[int, str], Endpoint] = {}
        """The ends that have titles, by end and association, or 0 for any."""
        self._columns: dict[Name, int] = {}
        self._ports: list[dict[str, None]] = []
        """The ports of each column, in order of first appearance."""
        for event in events:
            for end, endpoint in ((event.sender, event.source), (event.receiver, event.target)):
                if endpoint.title:
                    self._known.setdefault((event.association, end), endpoint)
                    self._known.setdefault((0, end), endpoint)
        for event in events:
            for name, endpoint in zip(self._name(event), (event.source, event.target), strict=True):
                self._add(name, endpoint.port)

    def _add(self, name: Name, port: str) -> None:
        column = self._columns.setdefault(name, min(len(self._ports), MOST_ENDPOINTS - 1))
        if column == len(self._ports):
            self._ports.append({})
        if port:
            self._ports[column].setdefault(port)

    @property
    def endpoints(self) -> list[Endpoint]:
        """Give the endpoint of each column; where there are too many, the last one stands for all others."""
        if len(self._columns) > MOST_ENDPOINTS:
            names = [*self._columns][: MOST_ENDPOINTS - 1]
            return [*self._list(names), Endpoint("all others")]
        return self._list(self._columns)

    def _list(self, names: Iterable[Name]) -> list[Endpoint]:
        return [Endpoint(name[0], name[1], ",".join(self._ports[self._columns[name]])) for name in names]

    def find(self, event: Event) -> tuple[int, int]:
        """Give the columns of sender and receiver; they are the same only where it is that of all others."""
        source, target = self._name(event)
        return self._columns[source], self._columns[target]

    def _name(self, event: Event) -> tuple[Name, Name]:
        """Tell whose columns those of an event are."""
        ends = [(event.sender, event.source), (event.receiver, event.target)]
        here, there = (self._look_up(event.association, end, endpoint) for end, endpoint in ends)
        source, target = (here.address, here.title, ""), (there.address, there.title, "")
        if source != target:
            return source, target
        ports = event.source.port, event.target.port
        return (*source[:2], ports[0] or "asks"), (*target[:2], ports[1] or "asks")

    def _look_up(self, association: int, end: str, endpoint: Endpoint) -> Endpoint:
        if endpoint.title:
            return endpoint
        return self._known.get((association, end)) or self._known.get((0, end)) or endpoint
