"""A capture, settings and a filter, in: the PDUs that it holds for, in order, out."""

from collections.abc import Callable, Iterator

from dissect.association import Arrival
from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.ledger import Ledger
from dissect.query import Column, Filter, Subject
from dissect.tcp.streams import Connection


class Reading:
    """One reading of a capture, and those before it that a filter or a column needs."""

    def __init__(
        self, capture: Capture, config: Config, wanted: Filter | None = None, columns: tuple[Column, ...] = ()
    ) -> None:
        """Stand before the first frame; without a filter all PDUs are given."""
        self.capture = capture
        self.config = config
        self.columns = columns
        """What is shown of each PDU."""
        self.seen = 0
        """How many PDUs were read, whether the filter holds for them or not."""
        self.given = 0
        self.before = 0
        """The frame that completed the PDU before the one that was read last, 0 for none."""
        self.thorough = False
        """Whether all connections are to be told of."""
        self.rules = True
        """Whether someone asks which rules are broken: to follow them is a third of the work."""
        self.close: Callable[[Connection, list[int]], None] | None = None
        """What is called with each connection that is over and the numbers of its associations."""
        self.watch: Callable[[Arrival], None] | None = None
        """What is called with each PDU, whether the filter holds for it or not."""
        self._wanted = wanted
        self._associations: Associations | None = None

    @property
    def associations(self) -> Associations:
        """Give the associations that were read, or are being."""
        if self._associations is None:
            self._associations = Associations(
                self.capture, self.config, thorough=self.thorough, rules=self.rules, close=self.close
            )
        return self._associations

    def __iter__(self) -> Iterator[Subject]:
        """Give the PDUs that the filter holds for, as what one may ask of them."""
        return (subject for subject, holds in self.judge() if holds)

    def judge(self) -> Iterator[tuple[Subject, bool]]:
        """Give all PDUs, and whether the filter holds for each."""
        wanted, ledger = self._wanted, self._read_ahead()
        if wanted is not None:
            wanted.prepare(lambda: self._read_again(ledger))
        latest = 0
        for arrival in self.associations:
            self.seen += 1
            self.before, latest = latest, arrival.pdu.frame
            if self.watch is not None:
                self.watch(arrival)
            subject = Subject(arrival, self.capture, ledger)
            holds = wanted is None or wanted.holds(subject)
            self.given += holds
            yield subject, holds

    def _read_again(self, ledger: Ledger | None) -> Iterator[Subject]:
        capture = self.capture.again()
        return (Subject(arrival, capture, ledger) for arrival in Associations(capture, self.config))

    def _read_ahead(self) -> Ledger | None:
        """Read the capture to its end where something is asked that is known only then."""
        if not any(column.late for column in self.columns) and (self._wanted is None or not self._wanted.late):
            return None
        capture = self.capture.again()
        ledger = Ledger(capture)
        for arrival in Associations(capture, self.config, close=ledger.close):
            ledger.follow(arrival)
        return ledger
