"""Rules about the form of PDUs and items (PS3.8 9.3)."""

from dissect.catalogue.rule import Rule

RULES = {
    "not-a-pdu": Rule(
        "error",
        "PS3.8 9.3.1",
        "{count} bytes that are not a PDU{what}, {start} to {last} of the stream; {then}",
        "On a DICOM connection one PDU follows the other without bytes between them. A receiver that expects a header "
        "there sees an invalid type or length, and aborts.",
        "Check the length of the PDU before them, which may be too small. HTTP or HL7 to be read in the bytes tells of "
        "a wrong port, and 15H or 16H at their start of TLS that only one side uses.",
    ),
    "pdu-type": Rule(
        "error",
        "PS3.8 9.3.1",
        "PDU type {value:02X}H is not one of 01H to 07H",
        "There are seven types of PDU. Whoever receives another is to send A-ABORT with the reason unrecognized PDU.",
        "See whether the PDU before this one has the right length, as a byte too few or too many shows here; if it "
        "has, look for a private extension or a security scanner at the sending host.",
    ),
    "pdu-length": Rule(
        "error",
        "PS3.8 9.3",
        "PDU length {value} where {wanted} is due",
        "A-ASSOCIATE-RJ, A-RELEASE and A-ABORT PDUs have a body of fixed size; strict peers abort on another length, "
        "and lenient ones lose their place in the stream if the bytes are not there.",
        "Report it to the vendor of the sending toolkit with this PDU; the peer's log will show an invalid PDU at "
        "the release or abort, after transfers that went well.",
    ),
    "undecoded": Rule(
        "error",
        "",
        "{count} bytes left over that no field accounts for",
        "The lengths within a PDU have to add up. Left-over bytes mean that a length is too large, or one before it "
        "too small, and some peers refuse the whole PDU.",
        "Compare the length field of the item that holds these bytes with the lengths of its parts; the first that "
        "does not fit is at fault.",
    ),
    "item-overrun": Rule(
        "error",
        "PS3.8 9.3",
        "length {value} reaches beyond the {room} bytes that are left",
        "An item lies wholly within the PDU or item that holds it. A receiver that trusts the length reads into the "
        "next one or past its buffer; a careful one aborts.",
        "Check this length, then that of the item around it: often the outer one was not updated when a sub-item was "
        "added.",
    ),
    "field-cut": Rule(
        "error",
        "",
        "{name} needs {wanted} bytes, {room} are left",
        "The item or PDU ends before its fixed fields do, and a receiver cannot know what the sender meant to say.",
        "See whether the length of the item or PDU is too small, or the sender left the field out; sub-items of old "
        "devices often follow a draft or private layout.",
    ),
    "unknown-item": Rule(
        "remark",
        "",
        "item type {value:02X}H is not defined for this place",
        "Receivers have to ignore items that they do not know, so that later editions can add some; only very strict "
        "peers reject the association for it.",
        "If the association was rejected, look whether the sender can turn a private extension off; otherwise leave "
        "it.",
    ),
    "unknown-code": Rule(
        "error",
        "",
        "{name} {value} has no meaning in the standard",
        "The standard lists the values of this field, and the peer can only log the number or treat it as no reason "
        "given.",
        "Look the number up in the sender's conformance statement or log: vendors use values of their own for limits "
        "such as licences or the number of associations.",
    ),
}
"""By code."""
