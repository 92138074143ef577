"""The names of capture files, in: associations, messages, PDUs, nodes and data sets for a script, out."""

import io
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dissect.amounts import BILLION
from dissect.association import Association
from dissect.capture.segments import Capture
from dissect.config import find_config, load_config
from dissect.dialogue import Associations
from dissect.dicom.dimse import Message
from dissect.dicom.statuses import classify_status, name_status
from dissect.dicom.terms import STATUS
from dissect.dicom.values import add_private
from dissect.ledger import Account, Ledger
from dissect.node import Node
from dissect.objects import StoredObject, encode_head
from dissect.query import Filter, Subject
from dissect.reading import Reading
from dissect.stats import Figures, Report
from dissect.summary import describe
from dissect.tree import find_completed, make_message_node

if TYPE_CHECKING:
    from pydicom import Dataset


class PduView:
    """A PDU of a capture.

    Attributes
    ----------
    number : int
        Its place among the PDUs of the capture, from 1.
    association : int
        The number of its association.
    type : str
        The standard's name, such as `P-DATA-TF` (PS3.8 9.3.1); `Lost bytes` for what is no PDU.
    sender, receiver : str
        `address:port`.
    role : str or None
        `requestor` or `acceptor`; None where the capture does not tell.
    frames : list of int
        The frames that carried it, from 1.
    time : float
        Seconds since the epoch, of the frame that completed it.
    info : str
        What it says, as `dissect list` has it.
    codes : list of str
        The codes of its notes, those of data sets left out.
    node : Node
        Its tree, decoded as far as one looks.

    """

    def __init__(self, subject: Subject) -> None:
        """Take what a filter was asked about."""
        arrival = subject.arrival
        pdu = arrival.pdu
        self.number = arrival.number
        self.association = arrival.association.number
        self.type = pdu.name
        self.sender, self.receiver = pdu.stream.sender, pdu.stream.peer.sender
        self.role = arrival.association.find_role(pdu.stream)
        self.frames = pdu.span.frames()
        self.time = subject.capture.times[pdu.frame - 1] / BILLION
        self._subject = subject

    @property
    def info(self) -> str:
        """Give what it says."""
        return describe(self._subject.arrival)

    @property
    def codes(self) -> list[str]:
        """Give the codes of its notes."""
        return self._subject.codes

    @property
    def node(self) -> Node:
        """Give its tree."""
        return self._subject.top

    def __repr__(self) -> str:
        return f"<PDU {self.number}: {self.info}>"


class MessageView:
    """A DIMSE message of a capture, complete with its data set if it has one (PS3.7 6.3).

    Attributes
    ----------
    name : str
        The standard's name, such as `C-STORE-RQ`.
    number : int
        Its place among the association's messages of that name, from 1.
    association : int
        The number of its association.
    pdu : int
        The number of the PDU that completes its command set.
    request : MessageView or None
        The request that a response answers.
    node : Node
        Its command set and its data set as a tree.

    """

    def __init__(self, message: Message, association: Association) -> None:
        """Take a message in its association."""
        self.name, self.number, self.pdu = message.name, message.number, message.pdu
        self.association = association.number
        self._message, self._association = message, association

    @property
    def message_id(self) -> int | None:
        """Give the message ID, or that of the message responded to."""
        return self._message.message_id

    @property
    def status(self) -> int | None:
        """Give the status of a response (PS3.7 Annex C), None for a request."""
        return self._message.number_at(STATUS)

    @property
    def status_class(self) -> str:
        """Give success, pending, cancel, warning or failure; '' for a request, and for what the standard has not."""
        return "" if self.status is None else classify_status(self.status)

    @property
    def status_name(self) -> str:
        """Give what the status means in its service (PS3.4); '' for a request."""
        return "" if self.status is None else name_status(self.status, self.name, self._message.sop_class)

    @property
    def sop_class(self) -> str:
        """Give the SOP class UID that the command names, or ''."""
        return self._message.sop_class

    @property
    def sop_instance(self) -> str:
        """Give the SOP instance UID that the command names, or ''."""
        return self._message.sop_instance

    @property
    def request(self) -> "MessageView | None":
        """Give the request that a response answers."""
        found = self._message.request
        return None if found is None else MessageView(found, self._association)

    @property
    def response_time(self) -> float | None:
        """Give the seconds from the last byte of the request to the first of this response; None without a request."""
        found = self._message.response_time
        return None if found is None else found / BILLION

    @property
    def node(self) -> Node:
        """Give its command set and its data set as a tree."""
        return make_message_node(self._message, self._association)

    @property
    def data(self) -> bytes:
        """Give the bytes of its data set as they were on the wire, lost ones as zeros; b'' without a data set."""
        source = self._message.data.join()
        return bytes(source.read(0, source.size))

    def dataset(self) -> "Dataset":
        """Give its data set as pydicom reads it, empty where there is none.

        Raises
        ------
        Exception
            What pydicom raises of bytes that it cannot read; the tree of `node` shows those.

        """
        from pydicom import Dataset, dcmread  # noqa: PLC0415 (its import costs more than most captures)

        if not self._message.data.pdvs:
            return Dataset()
        stream = self._message.data.pdvs[0].pdu.stream
        found = StoredObject(self._message, self._association, stream, 0, 0)
        head = encode_head(found, self._message.data.join())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong with a value is a note of the tree
            return dcmread(io.BytesIO(head + self.data), force=True)

    def __repr__(self) -> str:
        return f"<{self._message.describe()}, association {self.association}>"


class Dissection:
    """A capture that `open` has opened: it can be asked as often as one likes.

    Each question reads it anew, and keeps nothing of it.
    """

    def __init__(self, *paths: str | Path, ports: Iterable[int] = ()) -> None:
        """Open the files."""
        config = load_config(find_config())
        add_private(config.private)
        self._config = config.with_ports(ports)
        self._capture = Capture(*paths)

    def _read(self, wanted: str) -> Reading:
        return Reading(self._capture.again(), self._config, Filter(wanted) if wanted else None)

    def pdus(self, wanted: str = "") -> Iterator[PduView]:
        """Give the PDUs as they are complete.

        Parameters
        ----------
        wanted
            A filter, as `-Y` takes it; without one all are given.

        Raises
        ------
        QueryError
            Where the filter cannot be read.

        """
        return map(PduView, self._read(wanted))

    def messages(self, wanted: str = "") -> Iterator[MessageView]:
        """Give the messages as they are complete: those that a PDU completes for which the filter holds.

        Raises
        ------
        QueryError
            Where the filter cannot be read.

        """
        for subject in self._read(wanted):
            for message in find_completed(subject.arrival):
                yield MessageView(message, subject.arrival.association)

    def associations(self) -> list[Account]:
        """Read the capture to its end, and give an account of each association, in the order of their numbers."""
        return self._account()[0]

    def stats(self) -> Report:
        """Read the capture to its end, and give its figures, as `dissect stats -T json` has them."""
        return self._account()[1].report()

    def _account(self) -> tuple[list[Account], Figures]:
        capture = self._capture.again()
        ledger = Ledger(capture)
        figures = Figures(capture, ledger)
        for arrival in Associations(capture, self._config, close=ledger.close):
            ledger.follow(arrival)
            figures.follow(arrival)
        return [ledger.accounts[number] for number in sorted(ledger.accounts)], figures


def open(*paths: str | Path, ports: Iterable[int] = ()) -> Dissection:  # noqa: A001 (as `gzip.open` and its like)
    """Open a capture.

    Parameters
    ----------
    paths
        pcap or pcapng files, compressed with gzip or not, `-` for standard input; several are one capture in order of
        time.
    ports
        TCP ports to take for DICOM even where no A-ASSOCIATE-RQ tells.

    Returns
    -------
    Dissection
        What gives associations, messages, PDUs and figures.

    Raises
    ------
    CaptureError
        Where a file is not there, or is no capture.
    ConfigError
        Where the user's configuration file cannot be used.

    """
    return Dissection(*paths, ports=ports)
