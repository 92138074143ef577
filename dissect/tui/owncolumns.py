"""Fields that a user has chosen as columns, in: what stands in them in the line of a PDU, out."""

from collections import OrderedDict

from dissect.query import Column
from dissect.query.fields import ALIASES
from dissect.tui.state import State
from dissect.views.listing import tell as tell_value

MOST_TOLD = 1 << 12
"""How many values of columns are kept."""

CLEAR = frozenset((
    "dicom", "pdu", "pdu.type", "pdu.len", "from", "assoc", "assoc.calling", "assoc.called", "assoc.end",
    "assoc.failures", "frame.number", "frames", "frame.time_epoch", "frame.time_relative", "tcp.stream", "tcp.port",
    "tcp.srcport", "tcp.dstport", "ip.addr", "ip.src", "ip.dst", "pdv.len", "pdv.ctx", "pdv.flags", "pdv.abstract",
    "pdv.transfer", "dimse.cmd", "dimse.msgid", "dimse.status", "dimse.status.class", "dimse.status.text",
    "dimse.time", "dimse.request", "sop.class", "sop.instance", "problem", "problem.severity",
))  # fmt: skip
"""The fields of headers and command sets that tell of nobody, and for which no data set is decoded."""


class OwnColumns:
    """What stands in the columns of a user's own."""

    def __init__(self, state: State) -> None:
        """Start with nothing told."""
        self.state = state
        self._told: OrderedDict[tuple[int, str], str] = OrderedDict()
        """What columns told of rows, those last that were asked for last."""
        self._told_of = state.index

    def tell(self, column: Column, row: int) -> str:
        """Give the values of a field that the user has chosen as a column; those of a large data set are not read."""
        state, name = self.state, column.name.removeprefix("dicom.")
        clear = ALIASES.get(name, name) in CLEAR
        if state.private and not clear:
            return "*"
        if self._told_of is not state.index:
            self._told.clear()
            self._told_of = state.index
        key = (row, column.name)
        told = self._told.get(key)
        if told is None:
            if not clear and any(map(state.index.messages.is_large, state.index.list_messages(row))):
                return state.glyphs["more"]
            told = ", ".join(map(tell_value, column.find(state.make_entry(row))))
            if state.loading.over:
                self._told[key] = told
                if len(self._told) > MOST_TOLD:
                    self._told.popitem(last=False)
        else:
            self._told.move_to_end(key)
        return told
