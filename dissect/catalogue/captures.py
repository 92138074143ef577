"""Rules about what the capture lacks, and about where decoding stops."""

from dissect.catalogue.rule import Rule

RULES = {
    "stream-gap": Rule(
        "warning",
        "",
        "{count} bytes{places} are missing from the capture here: "
        "{first}bytes {start} to {last} of the {source}, {where}",
        "As a rule the receiver had these bytes, and it was the capturing machine that dropped or cut the frames with "
        "them. Values that lie in the gap cannot be shown, and nobody is blamed for them.",
        "Capture again with whole frames (tcpdump -s 0) and a larger buffer (-B), and see that the mirror port is not "
        "overloaded and that both directions come over it.",
        blame="capture",
    ),
    "overlap-differs": Rule(
        "warning",
        "",
        "bytes {start} to {last} of the stream came twice with different contents: "
        "{old} in frame {first}, then {new} in frame {second}; the first are shown",
        "A repeated segment carries the same bytes as the first; where it does not, one of the two frames was damaged, "
        "rewritten on the way or belongs to another connection, and what the receiver took cannot be told.",
        "Compare the two frames, their TCP checksums, MAC addresses and TTLs: a firewall between two capture points, "
        "or two captures merged into one file, show there.",
        blame="capture",
    ),
    "comment": Rule(
        "remark",
        "",
        "frame {frame} has a comment: {text}",
        "Whoever recorded or edited the file wrote a note on this frame; it was not on the wire.",
        "Read it as a colleague's hint; Wireshark's Packet Comment dialog changes or removes it.",
        blame="nobody",
    ),
    "fragment-gap": Rule(
        "warning",
        "",
        "one fragment or more is missing from the capture here",
        "Fragments of a message carry no numbers, so that where bytes of the stream are lost nothing tells how many "
        "fragments went with them. What follows in the message may be shown at the wrong place.",
        "Look for the lost bytes between the PDUs of this message, and rely on no length or picture of it until the "
        "transfer has been captured without loss.",
        blame="capture",
    ),
    "late-start": Rule(
        "remark",
        "",
        "the capture begins {count} bytes before the first PDU header",
        "The recording was started in the middle of a PDU, and the end of one whose header is unknown cannot be read.",
        "Nothing is wrong on the wire; to see that PDU too, start the recording before the transfer that it is in.",
        blame="capture",
    ),
    "pdu-cut": Rule(
        "warning",
        "",
        "{what} ends {count} bytes before the PDU does",
        "Its length announces more bytes than were recorded: the recording was stopped, or the connection came to its "
        "end, while the PDU was being sent.",
        "Look at how the connection ended. After a FIN or reset the sender broke off in the midst of the PDU, and its "
        "log should say why; without either, record for longer.",
        blame="capture",
    ),
    "too-many": Rule(
        "warning",
        "",
        "more than {value} items: the rest is not decoded",
        "A sound A-ASSOCIATE PDU has at most 128 presentation contexts, and user items a few for each. So many point "
        "to damaged bytes or to a test with hostile input, and decoding stops so as to stay quick.",
        "See in the bytes of the PDU whether its items repeat or make no sense, and which tool or device made it.",
        blame="nobody",
    ),
    "too-many-elements": Rule(
        "warning",
        "",
        "more than {value} elements: the rest is not decoded",
        "Decoding a command set or data set stops at that many elements so as to stay quick; structured reports, "
        "segmentations and enhanced multi-frame objects may have more and be sound.",
        "Export the object, which writes all of its bytes, and open the file with a DICOM toolkit.",
        blame="nobody",
    ),
    "too-many-pdvs": Rule(
        "warning",
        "",
        "more than {value} presentation data values: the rest is not decoded",
        "Of one P-DATA-TF only so many are hung into the tree. A sender seldom puts more than two or three into a PDU; "
        "so many come of tiny fragments, which cost six bytes of header each.",
        "Look up how large the sender makes its fragments, and let it use one a PDU, as large as the peer's maximum "
        "length allows.",
        blame="nobody",
    ),
    "too-deep": Rule(
        "warning",
        "",
        "nested more than {value} deep: not decoded further",
        "Sequences of real objects are seldom nested more than ten deep; such a depth comes of damaged lengths or of "
        "input made to exhaust a parser, and many receivers fail on it.",
        "Follow the outer sequences to the first whose contents make no sense, and question the device that wrote it.",
        blame="nobody",
    ),
    "value-cut": Rule(
        "remark",
        "",
        "only the first {count} bytes of the value are shown",
        "The value is too long to be shown whole; that alone is no fault of it or of the capture.",
        "Export the object for the whole value.",
        blame="nobody",
    ),
    "context-unseen": Rule(
        "remark",
        "",
        "no A-ASSOCIATE-RQ in the capture: the encoding was found by looking",
        "Only the negotiation says which SOP class and transfer syntax a presentation context stands for; without it "
        "both are guessed from the bytes, and a guess can be wrong.",
        "Start the recording first, then let the device open a new association; one that keeps its association open "
        "for hours has to be restarted.",
        blame="capture",
    ),
    "context-unanswered": Rule(
        "remark",
        "",
        "no A-ASSOCIATE-AC in the capture: the encoding was found by looking",
        "The request lists the transfer syntaxes that the acceptor may choose from, and only the answer names its "
        "choice, so that the encoding is guessed from the bytes.",
        "Check that the capture holds both directions: a mirror port set to one of them, or a filter on the source "
        "address, leaves the answers out.",
        blame="capture",
    ),
}
"""By code."""
