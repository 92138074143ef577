"""Rules about command sets (PS3.7 6.3, 9.3, 10.3, Annex E)."""

from dissect.catalogue.rule import Rule

RULES = {
    "command-syntax": Rule(
        "error",
        "PS3.7 6.3.1",
        "the command set cannot be read as Implicit VR Little Endian",
        "A command set is in Implicit VR Little Endian and has elements of group 0000 alone, whatever transfer syntax "
        "its context has. A receiver finds neither the message's name nor its ID in it, and aborts.",
        "Look at the undecoded bytes: VR letters mean that the command was written in the context's transfer syntax, "
        "another group that elements of the data set stand in it; else a length field is wrong.",
    ),
    "command-order": Rule(
        "error",
        "PS3.7 6.3.1",
        "{name} {tag} stands behind {before}, which has a higher tag",
        "Command elements stand in increasing order of their tags. Receivers that read up to the tag they look for "
        "take those behind it for absent, and answer with a failure or abort.",
        "See whether the sender writes the elements in the order in which its code sets them; let its toolkit sort "
        "them, or set them in the order of the tags.",
    ),
    "command-repeated": Rule(
        "error",
        "PS3.7 6.3.1",
        "{name} {tag} occurs again",
        "An element occurs at most once in a command set. Some receivers take the first value, others the last, so "
        "that two peers can act on different IDs or UIDs.",
        "Compare both values: if they differ, the sender adds to a command set that it should have built anew, such as "
        "that of the request before.",
    ),
    "command-length": Rule(
        "error",
        "PS3.7 Annex E.1",
        "Command Group Length {what}",
        "The element (0000,0000) comes first and says how many bytes of the command set follow. Receivers that rely "
        "on it cut the command set short, or wait for bytes that never come.",
        "Check how the sender counts: all bytes behind this element's value, those of padding and of the optional "
        "elements that were added last among them, but not the 12 bytes of the element itself.",
    ),
    "command-values": Rule(
        "error",
        "PS3.7 Annex E.1",
        "{name} {tag} has {length} bytes where one value has {wanted}",
        "Each of these fields has exactly one value. A receiver may read the first, all bytes as one number, or refuse "
        "the message.",
        "Look for a 32 bit number where the standard has 16 bits (or the reverse) in the sender's code, or for a VR of "
        "UL where US is due in a dictionary of its own.",
    ),
    "command-element": Rule(
        "error",
        "PS3.7 6.3.1",
        "{tag} is not a command element",
        "Group 0000 holds the elements of the command dictionary alone: private command elements are retired, and "
        "elements of data sets have no place in it. Many receivers ignore it, strict ones refuse the message.",
        "If it is a private extension, turn it off for this peer; else compare the tag with the data dictionary, for "
        "digits that were swapped.",
    ),
    "command-retired": Rule(
        "warning",
        "PS3.7 Annex E.2",
        "{name} {tag} is retired",
        "It comes from ACR-NEMA, and receivers no longer know it. It is harmless where they pass over it.",
        "Nothing has to be done as long as the peer answers; if it refuses the message, look for a setting of the "
        "sender for ACR-NEMA or old peers, and switch it off.",
    ),
    "command-field": Rule(
        "error",
        "PS3.7 Annex E.1",
        "Command Field {what}",
        "The Command Field says which message this is; without a value of the dictionary nobody can tell what is asked "
        "or answered. Receivers abort, or answer a request with 0211H, unrecognized operation.",
        "Check whether the sender has swapped the two bytes of the number, or sets the response bit 8000H on a message "
        "that has no response, such as C-CANCEL-RQ.",
    ),
    "data-set-type-absent": Rule(
        "error",
        "PS3.7 Annex E.1",
        "Command Data Set Type (0000,0800) {what}",
        "It alone says whether a data set follows. A receiver that takes the absent value for 0101H treats the data "
        "set as a stray one; one that does not waits for data until it times out.",
        "Have the sender set it in each message: to 0101H where no data set follows, to any other value, 0001H or "
        "0102H as a rule, where one does.",
    ),
    "command-lacks": Rule(
        "error",
        "PS3.7 6.3.1",
        "{message} {without} {name} {tag}, which PS3.7 {clause} requires",
        "The field is mandatory in this message. A receiver cannot tell without it what the message is about, or to "
        "which operation it belongs, and answers with a failure, ignores it or aborts.",
        "Set the field in the sender; where it comes from a configuration or from the object's own attributes, see "
        "whether those are empty.",
    ),
    "command-surplus": Rule(
        "warning",
        "PS3.7 6.3.1",
        "{message} with {name} {tag}, which PS3.7 {clause} does not list",
        "Which elements a command set has is laid down for each message, and this one is not among them. Most "
        "receivers pass over it, strict ones refuse the message.",
        "See whether the sender builds its messages, above all responses, by copying another one's command set; only "
        "if the peer refuses the message does it matter.",
    ),
    "priority": Rule(
        "error",
        "PS3.7 Annex E.1",
        "Priority {value:04X}H is none of 0000H (medium), 0001H (high) and 0002H (low)",
        "The three values are all that the standard has. Few receivers look at it, but those that do refuse the "
        "message or treat it as they like.",
        "Set the priority to 0000H, medium, in the sender; a value such as 0100H or 0200H shows swapped bytes.",
    ),
    "command-uid": Rule(
        "error",
        "PS3.5 9.1",
        "{name} '{value}' is not a UID: {why}",
        "A UID has digits and full stops, no component with a leading zero, 64 characters at most, and a single NUL "
        "where its length would be odd. Peers that compare UIDs byte by byte find no such SOP class or instance.",
        "Find where the UID was made: a padding space or a leading zero comes from the sender's toolkit or from "
        "whoever created the object, and correcting it there keeps references to it whole.",
    ),
    "move-destination": Rule(
        "error",
        "PS3.5 6.2",
        "Move Destination '{value}' is not an AE title: {why}",
        "An AE title has 1 to 16 printable characters without backslash, spaces at its ends not counting. The SCP will "
        "hardly find such a title in its table, and answers with A801H, Move Destination unknown.",
        "Compare the title with the one under which the SCP's configuration knows the receiver of the C-STORE "
        "sub-operations, character by character, NUL bytes and quotation marks included.",
    ),
    "data-set-forbidden": Rule(
        "error",
        "PS3.7 Annex E.1",
        "Command Data Set Type {value:04X}H tells of a data set, which {message}{status} does not have (PS3.7 "
        "{clause})",
        "Only 0101H says that no data set follows, and this message never has one. A receiver that believes the field "
        "waits for the data set until it times out, or takes the next message for it.",
        "Set (0000,0800) to 0101H in the sender: 0000H, FFFFH and 0100H do not mean that there is none. If a data set "
        "does follow, see what the sender wanted to tell with it.",
    ),
    "data-set-due": Rule(
        "error",
        "PS3.7 Annex E.1",
        "Command Data Set Type 0101H tells of no data set, which {message}{status} has to have (PS3.7 {clause})",
        "What is to be stored, set, looked for or was found stands in the data set; without it there is nothing to do. "
        "Receivers answer with a failure, show an empty match, or abort when data come all the same.",
        "See whether a data set follows: if so, set (0000,0800) to 0001H in the sender; if not, find out why it had no "
        "identifier or object to send, for example because reading the file failed.",
    ),
    "status-absent": Rule(
        "error",
        "PS3.7 Annex C",
        "{message} {without} Status (0000,0900)",
        "Each response has a status, and without one the other side knows neither whether the operation was done nor "
        "whether more responses follow. It waits, or takes the operation for failed.",
        "Look into the responder's log for a failure while it made the response, and have it set a status, 0110H for "
        "any failure of its own, on every path.",
    ),
    "status-unknown": Rule(
        "error",
        "PS3.7 Annex C",
        "status {status} has no meaning for {message}{service}",
        "A status is one of PS3.7 Annex C or one that the service class defines in PS3.4. Another can be read as "
        "failure, as warning or as pending, so that an object counts as sent at one side alone.",
        "Ask the responder's manual or conformance statement for the number; numbers of its own belong to Cxxx, as far "
        "as the service class leaves it that range. Look for swapped bytes too.",
    ),
    "status-fields": Rule(
        "warning",
        "PS3.7 Annex C",
        "{name} {tag} in a response with status {status}, which tells of nothing wrong",
        "The field explains a failure or a warning; a status of success or pending has none to explain. Programs that "
        "show the field to users, or take it for a failure, mislead them.",
        "Read its text: if it tells of a failure, the responder has given the wrong status; otherwise have it leave "
        "the field out.",
    ),
    "comment-length": Rule(
        "warning",
        "PS3.5 6.2",
        "Error Comment of {length} bytes; a value of LO has 64 characters at most",
        "The text is longer than its VR allows. Receivers cut it off, refuse the value, or lose the response that "
        "carries it.",
        "Shorten the texts of the responder, which often puts a whole exception into the field; the log has room for "
        "the rest.",
    ),
    "requested-affected": Rule(
        "error",
        "PS3.7 10.3",
        "{message} with {found} where it should have {wanted} (PS3.7 {clause})",
        "N-GET, N-SET, N-ACTION and N-DELETE name what they are about in the Requested UIDs, N-CREATE, N-EVENT-REPORT "
        "and all responses in the Affected ones. A receiver that looks for the one finds no SOP class or instance.",
        "Change the element that the sender sets: (0000,0003) and (0000,1001) are Requested, (0000,0002) and "
        "(0000,1000) Affected.",
    ),
    "type-id": Rule(
        "error",
        "PS3.7 10.3",
        "{message} {without} {name} {tag} (PS3.7 {clause})",
        "The number says which event happened, or which action to take, and how to read the data set. Without it "
        "the receiver answers with 0113H or 0123H, no such event or action type.",
        "Have the sender set it: for storage commitment it is 1 in the request, 1 or 2 in the report; for other "
        "services see the tables of events and actions in PS3.4.",
    ),
}
"""By code."""
