"""The code tables of PS3.7, PS3.8 and PS3.4: what a number in a PDU, an item or a command set stands for."""

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

GROUP_LENGTH, AFFECTED_CLASS, REQUESTED_CLASS = 0x0000, 0x0002, 0x0003
COMMAND_FIELD, MESSAGE_ID, RESPONDED_ID = 0x0100, 0x0110, 0x0120
MOVE_DESTINATION, PRIORITY, DATA_SET_TYPE = 0x0600, 0x0700, 0x0800
STATUS, OFFENDING_ELEMENT, ERROR_COMMENT, ERROR_ID = 0x0900, 0x0901, 0x0902, 0x0903
AFFECTED_INSTANCE, REQUESTED_INSTANCE, EVENT_TYPE, ATTRIBUTES, ACTION_TYPE = 0x1000, 0x1001, 0x1002, 0x1005, 0x1008
REMAINING, COMPLETED, FAILED, WARNED = 0x1020, 0x1021, 0x1022, 0x1023
ORIGINATOR_TITLE, ORIGINATOR_ID = 0x1030, 0x1031
"""The elements of a command set by their numbers, for their group is always 0000 (PS3.7 Table E.1-1)."""

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

SUPPORT = {0: "not supported", 1: "supported"}
SUPPORT_LEVELS = {0: "level 0 SCP", 1: "level 1 SCP", 2: "level 2 SCP", 3: "SCU only"}
SIGNATURE_LEVELS = {
    0: "unspecified, SCU only or not a level 2 SCP",
    1: "signature level 1",
    2: "signature level 2",
    3: "signature level 3",
}
COERCIONS = {0: "does not coerce any Data Element", 1: "may coerce Data Elements", 2: "SCU only"}
"""PS3.4 Tables B.3-1 to C.5-4: bytes of the SOP class extended negotiation."""
