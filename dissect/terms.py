"""The code tables of PS3.7 and PS3.8: what a number in a PDU, an item or a command set stands for."""

PDU_NAMES = {
    0x01: "A-ASSOCIATE-RQ",
    0x02: "A-ASSOCIATE-AC",
    0x03: "A-ASSOCIATE-RJ",
    0x04: "P-DATA-TF",
    0x05: "A-RELEASE-RQ",
    0x06: "A-RELEASE-RP",
    0x07: "A-ABORT",
}
"""PS3.8 9.3.1."""

PDU_TYPES = {
    0x01: "ASSOC Request",
    0x02: "ASSOC Accept",
    0x03: "ASSOC Reject",
    0x04: "Data",
    0x05: "RELEASE Request",
    0x06: "RELEASE Response",
    0x07: "ABORT",
}
"""The same in Wireshark's words."""

ITEM_TYPES = {
    0x10: "Application Context",
    0x20: "Presentation Context",
    0x21: "Presentation Context Reply",
    0x30: "Abstract Syntax",
    0x40: "Transfer Syntax",
    0x50: "User Info",
    0x51: "Max Length",
    0x52: "Implementation Class UID",
    0x53: "Asynchronous Operations Window Negotiation",
    0x54: "SCP/SCU Role Selection",
    0x55: "Implementation Version",
    0x56: "SOP Class Extended Negotiation",
    0x57: "SOP Class Common Extended Negotiation",
    0x58: "User Identity",
    0x59: "User Identity Response",
}
"""PS3.8 9.3.2, 9.3.3 and Annex D, PS3.7 Annex D.3.3, in Wireshark's words where it has any."""

CONTEXT_RESULTS = {
    0: "Accept",
    1: "User Reject",
    2: "No Reason",
    3: "Abstract Syntax Unsupported",
    4: "Transfer Syntax Unsupported",
}
"""PS3.8 Table 9-18."""

REJECT_RESULTS = {1: "Reject Permanent", 2: "Reject Transient"}
REJECT_SOURCES = {1: "User", 2: "Provider (ACSE)", 3: "Provider (Presentation)"}
REJECT_REASONS = {
    1: {
        1: "No reason given",
        2: "Application context name not supported",
        3: "Calling AE title not recognized",
        7: "Called AE title not recognized",
    },
    2: {1: "No reason given", 2: "Protocol version not supported"},
    3: {1: "Temporary congestion", 2: "Local limit exceeded"},
}
"""PS3.8 Table 9-21: reasons by source."""

ABORT_SOURCES = {0: "User", 2: "Provider"}
ABORT_REASONS = {
    0: "Not specified",
    1: "Unrecognized PDU",
    2: "Unexpected PDU",
    4: "Unrecognized PDU parameter",
    5: "Unexpected PDU parameter",
    6: "Invalid PDU parameter value",
}
"""PS3.8 Table 9-26: reasons of the service provider; a service user's has no meaning."""

IDENTITY_TYPES = {
    1: "Username as a string in UTF-8",
    2: "Username as a string in UTF-8 and passcode",
    3: "Kerberos Service ticket",
    4: "SAML Assertion",
    5: "JSON Web Token",
}
"""PS3.7 Table D.3-14."""

COMMAND, LAST = 1, 2
FLAGS = {0: "Data, More Fragments", 1: "Command, More Fragments", 2: "Data, Last Fragment", 3: "Command, Last Fragment"}
"""PS3.8 Annex E.2: the message control header."""

COMMANDS = {
    0x0001: "C-STORE-RQ",
    0x8001: "C-STORE-RSP",
    0x0010: "C-GET-RQ",
    0x8010: "C-GET-RSP",
    0x0020: "C-FIND-RQ",
    0x8020: "C-FIND-RSP",
    0x0021: "C-MOVE-RQ",
    0x8021: "C-MOVE-RSP",
    0x0030: "C-ECHO-RQ",
    0x8030: "C-ECHO-RSP",
    0x0100: "N-EVENT-REPORT-RQ",
    0x8100: "N-EVENT-REPORT-RSP",
    0x0110: "N-GET-RQ",
    0x8110: "N-GET-RSP",
    0x0120: "N-SET-RQ",
    0x8120: "N-SET-RSP",
    0x0130: "N-ACTION-RQ",
    0x8130: "N-ACTION-RSP",
    0x0140: "N-CREATE-RQ",
    0x8140: "N-CREATE-RSP",
    0x0150: "N-DELETE-RQ",
    0x8150: "N-DELETE-RSP",
    0x0FFF: "C-CANCEL-RQ",
}
"""PS3.7 Table E.1-1, command field."""

NO_DATA_SET = 0x0101
"""PS3.7 Table E.1-1, command data set type: no data set follows."""

STATUSES = {
    0x0000: "Success",
    0x0105: "No such attribute",
    0x0106: "Invalid attribute value",
    0x0107: "Attribute list error",
    0x0110: "Processing failure",
    0x0111: "Duplicate SOP instance",
    0x0112: "No such SOP instance",
    0x0113: "No such event type",
    0x0114: "No such argument",
    0x0115: "Invalid argument value",
    0x0116: "Attribute value out of range",
    0x0117: "Invalid object instance",
    0x0118: "No such SOP class",
    0x0119: "Class-instance conflict",
    0x0120: "Missing attribute",
    0x0121: "Missing attribute value",
    0x0122: "SOP class not supported",
    0x0123: "No such action",
    0x0124: "Not authorized",
    0x0210: "Duplicate invocation",
    0x0211: "Unrecognized operation",
    0x0212: "Mistyped argument",
    0x0213: "Resource limitation",
    0xFE00: "Cancel",
    0xFF00: "Pending",
    0xFF01: "Pending, optional keys not supported",
}
"""PS3.7 Annex C, and what all services of PS3.4 share."""

STATUS_RANGES = ((0xA7, "Refused: out of resources"), (0xA9, "Error: data set does not match SOP class"))
"""PS3.4: statuses by their first byte."""


def name_status(status: int) -> str:
    """Give the meaning of a status that holds for any service, by its category where it has no text of its own."""
    if status in STATUSES:
        return STATUSES[status]
    for first, text in STATUS_RANGES:
        if status >> 8 == first:
            return text
    if status >> 12 == 0xC:
        return "Error: cannot understand or process"
    return {"failure": "Failure", "warning": "Warning", "pending": "Pending"}.get(classify_status(status), "Unknown")


def classify_status(status: int) -> str:
    """Give the class of a status: success, pending, cancel, warning or failure, or '' where PS3.7 Annex C has none."""
    if status in (0x0000, 0xFE00, 0xFF00, 0xFF01):
        return {0x0000: "success", 0xFE00: "cancel"}.get(status, "pending")
    if status in (0x0001, 0x0107, 0x0116) or status >> 12 == 0xB:
        return "warning"
    return "failure" if status >> 8 in (0x01, 0x02) or status >> 12 in (0xA, 0xC) else ""
