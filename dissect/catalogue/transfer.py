"""Rules about P-DATA-TF PDUs, presentation data values and fragments (PS3.8 9.3.5, Annex D, Annex E)."""

from dissect.catalogue.rule import Rule

RULES = {
    "reserved-bits": Rule(
        "remark",
        "PS3.8 Annex E.2",
        "bits 2 to 7 of the message control header are not zero",
        "The sender sets these bits to zero and the receiver does not look at them, so that it harms nobody who keeps "
        "to the standard.",
        "If the peer misreads which fragment is the last, see whether it compares the whole byte with 0 to 3; else "
        "take it as the mark of an unusual toolkit.",
    ),
    "pdv-length": Rule(
        "error",
        "PS3.8 9.3.5.1",
        "PDV length {value} where 2 to {room} is possible",
        "A PDV has at least its context ID and control header, and ends within its P-DATA-TF. With a wrong length the "
        "rest of the PDU cannot be split up, and receivers abort.",
        "Check whether the sender counts the four bytes of the length itself, or writes it in little endian; both "
        "lengths, of PDU and PDV, are big endian.",
    ),
    "pdv-odd": Rule(
        "error",
        "PS3.8 Annex E.1",
        "a fragment of {count} bytes; fragments have an even length",
        "Command sets and data sets are even in length, and so is each fragment of them. Receivers that read in units "
        "of two bytes lose the last or take it for the next fragment's.",
        "If it is the last fragment, look for an unpadded value at the end of the data set; if another, for a maximum "
        "length that is odd and was filled to the last byte: make it even.",
    ),
    "no-pdv": Rule(
        "error",
        "PS3.8 9.3.5",
        "a P-DATA-TF PDU without a presentation data value",
        "Such a PDU carries nothing, and a P-DATA-TF has to contain one PDV at least. Some receivers skip it, others "
        "abort on a PDU of length 0.",
        "Look for a sender that flushes an empty buffer, typically behind a data set whose size is an exact multiple "
        "of the PDU size, or that sends it to keep an idle association alive.",
    ),
    "context-unknown": Rule(
        "error",
        "PS3.8 7.6.1",
        "presentation context {value} was not proposed",
        "Context IDs have a meaning only through this association's A-ASSOCIATE-RQ; the receiver does not know the "
        "SOP class or the encoding of these data and aborts or drops them.",
        "See whether the sender uses an ID from another association (IDs kept over a reconnect, one pool for all "
        "destinations), or numbers its contexts 1, 2, 3 instead of 1, 3, 5.",
    ),
    "context-refused": Rule(
        "error",
        "PS3.8 7.6.1",
        "presentation context {value} was not accepted",
        "The acceptor has refused this SOP class, or all of the transfer syntaxes proposed for it, and may abort when "
        "data come all the same.",
        "Read this context's result in the A-ASSOCIATE-AC: for 3 enable the SOP class at the acceptor, for 4 a common "
        "transfer syntax; the sender should report the object as not sent.",
    ),
    "context-unnamed": Rule(
        "error",
        "PS3.8 9.3.3.2",
        "presentation context {value} was accepted without a transfer syntax",
        "An accepted context comes back with the one transfer syntax that the acceptor chose; without it both sides "
        "have to guess how the data are encoded, and may guess differently.",
        "The fault lies in the acceptor's A-ASSOCIATE-AC, not in the data. Until it is mended, propose a single "
        "transfer syntax a context, so that there is nothing to choose.",
        blame="nobody",
    ),
    "context-rejected": Rule(
        "error",
        "PS3.8 9.2.3",
        "data in an association that was rejected",
        "With the A-ASSOCIATE-RJ the association is over and only the closing of the connection may follow; what is "
        "sent nevertheless is not read.",
        "Read the reason in the A-ASSOCIATE-RJ (AE titles not known are the most frequent), and find out why the "
        "sender took the answer for an acceptance.",
    ),
    "data-without-command": Rule(
        "error",
        "PS3.7 6.3",
        "a data fragment without a command before it",
        "A message is a command set and then, perhaps, a data set. Data alone have no operation to belong to, and the "
        "receiver cannot say what to do with them.",
        "Look at the command before on this context: it may say in Command Data Set Type (0000,0800) that no data set "
        "follows (0101H), or its data set was ended too early by a last-fragment bit.",
    ),
    "command-incomplete": Rule(
        "error",
        "PS3.7 6.3",
        "a data fragment before the last one of the command",
        "The data set begins when the command set is complete, which bit 1 of the message control header tells. "
        "A receiver that still collects the command reports an unexpected fragment or aborts.",
        "Look at the control header of the command's fragment: 01H where 03H was meant is the common slip of new "
        "implementations.",
    ),
    "message-incomplete": Rule(
        "error",
        "PS3.8 Annex E.1",
        "the message before never got its last fragment",
        "All fragments of a message are sent before those of the next one. The receiver still waits for the rest of "
        "the data set, so that the earlier operation gets no answer or a failure.",
        "Check whether its command announces a data set in (0000,0800) that it does not have, or the sender gave up in "
        "the midst of an object and went on with the next one, or forgot the last-fragment bit.",
    ),
    "pdu-too-long": Rule(
        "error",
        "PS3.8 Annex D.1",
        "PDU of {length} bytes exceeds the {limit} that {who} announced in frame {frame}",
        "The maximum length is never to be exceeded: the receiver may have no more room, and aborts or cuts the PDU.",
        "Let the sender keep to the maximum length of its peer's A-ASSOCIATE PDU, not to its own.",
    ),
    "pdu-huge": Rule(
        "warning",
        "",
        "PDU of {length} bytes, where some receivers take no more than 16 MiB",
        "A receiver that states no limit has one nevertheless: dcm4che, for one, refuses such PDUs, and others run out"
        " of memory.",
        "Set a maximum PDU length at the receiver, or a smaller PDU size at the sender: 64 KiB to 1 MiB are as fast.",
    ),
    "interleaved": Rule(
        "error",
        "PS3.8 Annex E.1",
        "a message begins before the last fragment of {other}, the latest of which is in PDU {number}",
        "Fragments of one message follow each other: a receiver that keeps one message at a time mixes the two up.",
        "Let the sender finish a message in one context before it begins another, also where several threads send.",
    ),
    "context-changed": Rule(
        "error",
        "PS3.8 Annex E.1",
        "a data fragment without a command in its context, while a message in another is not complete",
        "All fragments of a message name the same presentation context.",
        "See whether the sender takes the context of the data set from something else than that of its command.",
    ),
    "data-unannounced": Rule(
        "error",
        "PS3.7 Annex E.1",
        "a data fragment, though the command before it said that no data set follows",
        "The receiver takes the fragment for a protocol error, and most abort.",
        "Correct (0000,0800) Command Data Set Type of the sender, or do not send the data set.",
    ),
    "data-absent": Rule(
        "error",
        "PS3.7 Annex E.1",
        "the message before announced a data set that never came",
        "The receiver waits for the data set, and takes the next command for an error.",
        "Correct (0000,0800) Command Data Set Type of the sender: 0101H where nothing follows.",
    ),
    "message-unfinished": Rule(
        "error",
        "PS3.8 Annex E.1",
        "{what} never got its last fragment, the latest is in PDU {number}",
        "The receiver has no more than a part of the message, and throws it away.",
        "See whether the sender stopped on an error of its own, or forgot to mark the last fragment.",
    ),
    "pdu-mixed": Rule(
        "error",
        "PS3.8 Annex E.1",
        "fragments of {count} messages in one PDU",
        "What stands in one P-DATA-TF belongs to one message.",
        "Let the sender begin a new P-DATA-TF for each message.",
    ),
    "command-and-data": Rule(
        "warning",
        "PS3.8 Annex E.1",
        "the command set and fragments of the data set stand in one PDU",
        "The standard allows it, but some receivers read only the first presentation data value of a PDU, and lose the"
        " data set.",
        "Where the peer fails with such PDUs, let the sender begin a new one for the data set.",
    ),
    "pdvs-split": Rule(
        "remark",
        "PS3.8 Annex E.1",
        "{count} fragments of one {what} in one PDU, where one fragment would do",
        "The standard strongly recommends one fragment here, for each costs six bytes more; receivers must take such"
        " PDUs, but some do not.",
        "Let the sender put in one fragment what fits in one PDU.",
    ),
    "pdus-small": Rule(
        "remark",
        "",
        "a data set in {count} fragments of {average} bytes on average, where the receiver takes PDUs of {limit}",
        "Each PDU costs work on both sides: the transfer is slower than it need be.",
        "Raise the PDU size of the sender.",
    ),
    "pdv-empty": Rule(
        "warning",
        "PS3.8 Annex E.1",
        "a presentation data value without any byte of the message",
        "A fragment holds at least some of the message; receivers are advised to take an empty one, but some abort.",
        "Let the sender mark the last fragment that holds data as the last, instead of an empty one behind it.",
    ),
}
"""By code."""
