"""Rules about the form of PDUs and items (PS3.8 9.3)."""

from dissect.catalogue.rule import Rule

RULES = {
    "not-a-pdu": Rule(
        "error", "PS3.8 9.3.1", "{count} bytes that are not a PDU, {start} to {last} of the stream; {then}", "", ""
    ),
    "pdu-type": Rule("error", "PS3.8 9.3.1", "PDU type {value:02X}H is not one of 01H to 07H", "", ""),
    "pdu-length": Rule("error", "PS3.8 9.3", "PDU length {value} where {wanted} is due", "", ""),
    "undecoded": Rule("error", "", "{count} bytes left over that no field accounts for", "", ""),
    "item-overrun": Rule("error", "PS3.8 9.3", "length {value} reaches beyond the {room} bytes that are left", "", ""),
    "field-cut": Rule("error", "", "{name} needs {wanted} bytes, {room} are left", "", ""),
    "unknown-item": Rule("remark", "", "item type {value:02X}H is not defined for this place", "", ""),
    "unknown-code": Rule("error", "", "{name} {value} has no meaning in the standard", "", ""),
}
"""By code."""
