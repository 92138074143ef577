"""Rules about what is proposed and what is accepted (PS3.8 9.3.2 to 9.3.4, Annex D; PS3.7 Annex D)."""

from dissect.catalogue.rule import Rule

HEAD = {
    "reserved-bytes": Rule(
        "remark",
        "PS3.8 9.3",
        "{count} other than 00H, the first is {value:02X}H",
        "Reserved fields are sent as 00H and not tested by the receiver, so that a later edition may give them a "
        "meaning; a peer that does test them refuses the association.",
        "Nothing is to be done while the association is accepted; else report the bytes to the vendor of the sender.",
    ),
    "item-misplaced": Rule(
        "error",
        "PS3.8 9.3",
        "item type {value} does not belong in an {name}, which has {count} of it",
        "Some items are only for the request and some only for the answer to it; a receiver ignores one that it does "
        "not expect, or aborts, and what the sender meant by it is lost.",
        "Report it to the vendor of the sender: it has taken the items of the request and those of the answer for "
        "one another.",
    ),
    "item-repeated": Rule(
        "error",
        "PS3.8 9.3",
        "item type {value} is there {count} times where one is allowed",
        "Which of the items counts is not defined: one receiver takes the first, another the last, and a strict one "
        "refuses the association.",
        "Look at how the items differ, and configure or correct the sender so that it sends the one that is meant.",
    ),
    "protocol-version": Rule(
        "error",
        "PS3.8 9.3",
        "protocol version {value:04X}H does not have bit 0 set",
        "Bit 0 stands for version 1, the only version of the protocol that there is; a receiver tests it and rejects "
        "the association with the reason protocol version not supported.",
        "Check that the sender speaks DICOM at all; if it does, its encoding of this field, which is to be 0001H, is "
        "to be corrected.",
    ),
    "ae-title": Rule(
        "error",
        "PS3.8 9.3.2",
        "the {name} '{value}' {what}",
        "An AE title has 16 characters of ISO 646, padded with spaces; it has no control character and no backslash, "
        "and is not spaces alone. A peer that looks the title up does not find it, and rejects the association.",
        "Enter the AE title anew in the configuration of the requestor, in plain letters, digits, hyphens and "
        "underscores, at most 16 of them.",
    ),
    "ae-title-style": Rule(
        "warning",
        "",
        "the {name} '{value}' {what}",
        "AE titles are padded with spaces at their end. A peer that compares all 16 bytes, or does not strip what "
        "stands there, takes the title for another one and rejects the association as from an unknown AE.",
        "Where the association is rejected for its AE title, enter the title without a leading space, or have the "
        "requestor's vendor pad it with spaces (20H).",
    ),
    "no-application-context": Rule(
        "error",
        "PS3.8 9.3",
        "there is no application context item where one is due",
        "Every A-ASSOCIATE PDU names the application context exactly once; without it strict peers reject or abort.",
        "Report it to the vendor of the sender: the item 10H with 1.2.840.10008.3.1.1.1 has to stand before the "
        "presentation contexts.",
    ),
    "application-context": Rule(
        "warning",
        "PS3.7 Annex A.2.1",
        "the application context is {value}, not 1.2.840.10008.3.1.1.1",
        "DICOM registers a single application context. Another one is private: a peer that was not made for it "
        "rejects the association with the reason application context name not supported.",
        "Check the sender's configuration for the application context name, and set it to 1.2.840.10008.3.1.1.1.",
    ),
    "no-user-information": Rule(
        "error",
        "PS3.8 9.3.2.3",
        "there is no user information item where one is due",
        "The user information tells the maximum length and the implementation, which every A-ASSOCIATE PDU has to "
        "tell; without it strict peers reject or abort, and others assume a length of their own.",
        "Report it to the vendor of the sender: an item 50H with the sub-items 51H and 52H has to end the PDU.",
    ),
}
"""About the fixed fields, and about items in general."""

UIDS = {
    "uid-form": Rule(
        "error",
        "PS3.8 Annex F.1",
        "'{value}' is not a UID: {what}",
        "A UID is up to 64 digits and dots, without an empty component and without a leading zero in one. Peers "
        "compare UIDs as text, so that a wrong one matches nothing, and some abort.",
        "Compare the UID with the one that is meant, in the sender's configuration or its list of SOP classes, and "
        "correct it.",
    ),
    "uid-padded": Rule(
        "warning",
        "PS3.8 Annex F.1",
        "{count} with padding at the end, the first ends in {value:02X}H",
        "UIDs are padded to an even length only in data sets and command sets, never in the items of an A-ASSOCIATE "
        "PDU. A peer that compares the bytes does not recognize the syntax and refuses the presentation context.",
        "If contexts are refused although the peer supports them, have the sender's vendor leave out the padding.",
    ),
    "syntax-unknown": Rule(
        "remark",
        "",
        "{value} is not in the registry of DICOM known here{more}",
        "A syntax that is private, or newer than the edition known here, works only between products that both know "
        "it; others answer abstract syntax not supported or transfer syntaxes not supported.",
        "If the context is refused, look for the UID in the conformance statements of both sides, and compare it "
        "with the registered ones for a slip of the pen.",
        blame="nobody",
    ),
}
"""About UIDs, wherever they stand."""

CONTEXTS = {
    "no-contexts": Rule(
        "error",
        "PS3.8 7.1.1.13",
        "no presentation context is proposed",
        "A request proposes one presentation context at least: without one nothing can be sent, and peers reject the "
        "association or abort.",
        "Check which SOP classes the requestor is configured to use; its list is probably empty.",
    ),
    "context-id": Rule(
        "error",
        "PS3.8 9.3.2.2",
        "presentation context ID {value} is not odd",
        "The IDs are odd numbers from 1 to 255. Strict peers reject the association or abort, while lenient ones "
        "accept the context as it is.",
        "Report it to the vendor of the requestor: it has to count its contexts 1, 3, 5 and so on.",
    ),
    "context-id-repeated": Rule(
        "error",
        "PS3.8 7.1.1.13",
        "presentation context ID {value} is used by {count} items",
        "The ID is all that tells the contexts of an association apart; with two of the same, the sides may each "
        "take another abstract or transfer syntax for what is sent.",
        "Report it to the vendor of the sender; where it proposes more than 128 contexts, shorten its list of SOP "
        "classes.",
    ),
    "too-many-contexts": Rule(
        "error",
        "",
        "{count} presentation contexts are proposed, more than the 128 that have an ID",
        "There are 128 odd numbers from 1 to 255, so that more contexts than that cannot be told apart.",
        "Shorten the requestor's list of SOP classes, or have it propose several transfer syntaxes in one context.",
    ),
    "abstract-syntax-count": Rule(
        "error",
        "PS3.8 9.3.2.2",
        "presentation context {value} has {count} abstract syntaxes where one is due",
        "A context is proposed for exactly one abstract syntax; peers refuse the context, or abort, or take one of "
        "several.",
        "Report it to the vendor of the requestor: it has to propose a context for each SOP class.",
    ),
    "no-transfer-syntax": Rule(
        "error",
        "PS3.8 9.3.2.2",
        "presentation context {value} proposes no transfer syntax",
        "The acceptor chooses one of the proposed transfer syntaxes, and has nothing to choose from: it refuses the "
        "context, or aborts.",
        "Check the list of transfer syntaxes that the requestor is configured with for this SOP class.",
    ),
    "transfer-syntax-repeated": Rule(
        "warning",
        "",
        "contexts that propose a transfer syntax more than once: {count}, the first is {value} with {name}",
        "The second one adds nothing and makes the request longer; a strict peer may refuse the context.",
        "Remove the double entry from the requestor's list of transfer syntaxes.",
    ),
    "context-repeated": Rule(
        "remark",
        "",
        "presentation context {value} is the same as context {first}{more}",
        "The same abstract syntax may be proposed twice, but with the same transfer syntaxes that gives no choice "
        "that the first does not give, and uses up IDs.",
        "Look for a SOP class that the requestor lists twice.",
    ),
    "no-default-syntax": Rule(
        "warning",
        "PS3.5 10.1",
        "{value} is proposed without Implicit VR Little Endian{more}",
        "Each abstract syntax is to be proposed with the default transfer syntax, in one of its contexts at least, "
        "unless the sender has the pixel data only in a compressed form. An acceptor that supports nothing else "
        "refuses the context.",
        "Add Implicit VR Little Endian (1.2.840.10008.1.2) to the requestor's transfer syntaxes.",
    ),
    "request-large": Rule(
        "remark",
        "",
        "the request has {size} bytes and proposes {count}",
        "Some peers keep little room for an A-ASSOCIATE-RQ and refuse or abort a long one.",
        "If the peer aborts or closes the connection, propose only the SOP classes and transfer syntaxes that are "
        "needed.",
        blame="nobody",
    ),
}
"""About the presentation contexts that are proposed."""

USER = {
    "no-maximum-length": Rule(
        "error",
        "PS3.8 Annex D.1",
        "the user information does not tell a maximum length",
        "Each side has to tell the longest P-DATA-TF that it takes. A peer that is not told may send PDUs of any "
        "size, or assume 16384 bytes.",
        "Report it to the vendor of the sender; until then limit the PDU size at the peer by its configuration.",
    ),
    "maximum-length-none": Rule(
        "remark",
        "PS3.8 Annex D.1",
        "the maximum length 0 sets no limit",
        "With 0 the sender says that it takes P-DATA-TF PDUs of any length, and the peer may send very long ones.",
        "If the side that said so aborts on long PDUs, or runs out of memory, set a maximum PDU length in its "
        "configuration.",
        blame="nobody",
    ),
    "maximum-length-odd": Rule(
        "warning",
        "",
        "the maximum length {value} is {what}",
        "The usual lengths are even and lie between 4096 and some megabytes. Another is often a mistake: an odd one "
        "leaves a byte that no fragment can use, a small one makes the transfer slow, a huge one comes from a sign or "
        "a byte order that was mistaken.",
        "Check the maximum PDU length in the configuration of the side that sent it; 16384 suits every peer.",
    ),
    "no-implementation-uid": Rule(
        "error",
        "PS3.7 Annex D.3.3.2",
        "the user information does not tell an implementation class UID",
        "Both sides have to tell the class of their implementation, by which a peer's vendor finds out what it has "
        "to do with; strict peers reject an association without it.",
        "Report it to the vendor of the sender: the sub-item 52H is required in the request and in the answer.",
    ),
    "version-name": Rule(
        "error",
        "PS3.7 Annex D.3.3.2",
        "the implementation version name '{value}' {what}",
        "The name has 1 to 16 characters of ISO 646. A peer with room for 16 may cut a longer one or abort.",
        "Report it to the vendor of the sender; the name is often made of product and version, and has to be "
        "shortened.",
    ),
    "async-unasked": Rule(
        "error",
        "PS3.7 Annex D.3.3.3",
        "the answer has an asynchronous operations window, which was not asked for",
        "The acceptor has to leave the window out where the request has none; a requestor that does not know the "
        "sub-item may abort.",
        "Switch off asynchronous operations at the acceptor for this peer, or report it to the acceptor's vendor.",
    ),
    "async-exceeds": Rule(
        "error",
        "PS3.7 Annex D.3.3.3",
        "the answer allows {value} operations {name} where {limit} were asked for",
        "The acceptor may narrow the window and not widen it; a requestor that takes the answer literally handles "
        "more outstanding operations than it is made for.",
        "Compare the asynchronous operations windows in the configurations of both sides.",
    ),
    "role-repeated": Rule(
        "error",
        "PS3.7 Annex D.3.3.4",
        "{count} role selections are for {value}",
        "There is one role selection for each SOP class; which of several counts is not defined.",
        "Look for the SOP class in the sender's list of roles, where it is probably listed as SCU and again as SCP.",
    ),
    "role-value": Rule(
        "error",
        "PS3.7 Annex D.3.3.4",
        "the {name} for {value} is {role}, neither 0 nor 1",
        "A role is proposed or accepted with 1 and not with 0; any other number is read in different ways.",
        "Look at the roles that the sender is configured with for the SOP class; its vendor has to encode each as one "
        "byte, 00H or 01H.",
    ),
    "role-none": Rule(
        "warning",
        "",
        "neither role is proposed for {value}",
        "A role selection with 0 for both roles leaves the requestor without any role for the SOP class, so that "
        "nothing can be sent in its contexts.",
        "Check the role that the requestor is configured with for this SOP class.",
    ),
    "role-stray": Rule(
        "warning",
        "",
        "a role is proposed for {value}, for which there is no presentation context",
        "The role selection has no effect, as there is no context for its SOP class: either the context or the role "
        "was forgotten about.",
        "Compare the requestor's list of SOP classes with its list of roles; C-GET needs both for each storage class.",
    ),
    "role-unasked": Rule(
        "error",
        "PS3.7 Annex D.3.3.4",
        "a role is answered for {value}, for which none was proposed",
        "The acceptor has to leave out what was not proposed; the requestor ignores it, and stays SCU.",
        "Switch off role selection at the acceptor for this peer, or send this PDU and its request to the acceptor's "
        "vendor.",
    ),
    "role-exceeds": Rule(
        "error",
        "PS3.7 Annex D.3.3.4",
        "the {name} for {value} is accepted, but was not proposed",
        "The acceptor must not return 1 for a role that the requestor did not propose; the sides then have different "
        "roles in mind.",
        "Report it to the vendor of the acceptor; it probably answers with its own roles, not with those proposed.",
    ),
    "role-unanswered": Rule(
        "remark",
        "PS3.7 Annex D.3.3.4",
        "the role SCP was proposed for {value}, which is accepted, and is not answered{more}",
        "Without an answer the default roles apply: the requestor is SCU and the acceptor SCP. The acceptor will not "
        "send requests in these contexts, so that C-GET or reports of events fail.",
        "Check that the acceptor supports role selection for these SOP classes, or use C-MOVE in place of C-GET.",
        blame="nobody",
    ),
    "extended-repeated": Rule(
        "error",
        "PS3.7 Annex D.3.3.5",
        "{count} extended negotiations are for {value}",
        "There is one extended negotiation for each SOP class; which of several counts is not defined.",
        "Look for the SOP class in the sender's configuration, where it is probably listed twice.",
    ),
    "extended-stray": Rule(
        "error",
        "PS3.7 Annex D.3.3.5",
        "an extended negotiation is for {value}, for which there is no presentation context",
        "Extended negotiation is about the SOP classes that the request proposes; for another one it has no effect.",
        "Propose a presentation context for the SOP class, or leave out its extended negotiation.",
    ),
    "extended-unasked": Rule(
        "error",
        "PS3.7 Annex D.3.3.5",
        "an extended negotiation is answered for {value}, for which none was proposed",
        "The acceptor has to leave out what was not proposed; a requestor that does not know the sub-item may abort.",
        "Switch off extended negotiation at the acceptor for this SOP class; if a relational or fuzzy query is wanted, "
        "have the requestor propose it.",
    ),
    "common-extended": Rule(
        "error",
        "PS3.7 Annex D.3.3.6",
        "{count} common extended negotiations are for {value}",
        "There is one common extended negotiation for each SOP class; which of several counts is not defined.",
        "Look for the SOP class in the requestor's configuration, where it is probably listed twice.",
    ),
    "common-extended-version": Rule(
        "remark",
        "",
        "the common extended negotiation for {value} has version {version}, not 0",
        "Version 0 of the sub-item is the only one that there is; a peer may ignore another.",
        "Report it to the vendor of the requestor if the peer treats the SOP class as unknown.",
    ),
    "identity-type": Rule(
        "error",
        "PS3.7 Annex D.3.3.7",
        "{name} {value} of a user identity is not one of 1 to 5",
        "The type tells what the fields hold: a user name, one with a passcode, a ticket, an assertion or a token. An "
        "acceptor cannot check an identity of another type, and may reject the association.",
        "Configure the requestor to identify its user in a way that the acceptor knows, or switch user identity off.",
    ),
    "identity-form": Rule(
        "error",
        "PS3.7 Annex D.3.3.7",
        "the user identity of type {kind} {what}",
        "A peer that reads the field by its definition takes the identity for malformed and may reject the "
        "association.",
        "Check how the requestor is configured to identify its user: only user name and passcode (type 2) have a "
        "secondary field, and a response is asked for with 1.",
    ),
    "identity-unasked": Rule(
        "error",
        "PS3.7 Annex D.3.3.7",
        "the answer has a user identity response, which was not asked for",
        "The acceptor answers only where the request has a user identity and asks for a positive response; a "
        "requestor that does not know the sub-item may abort.",
        "If the requestor aborts after this answer, have it ask for a positive response, or switch off user identity "
        "at the acceptor.",
    ),
    "identity-response": Rule(
        "error",
        "PS3.7 Annex D.3.3.7.2",
        "the user identity response has {count} where type {kind} is answered with none",
        "A user name, with or without a passcode, is answered with an empty response; only tickets and assertions "
        "have one with contents.",
        "See what the bytes say, such as a reason why the user was not known; the acceptor's vendor has to send the "
        "response without them.",
    ),
    "identity-unanswered": Rule(
        "warning",
        "PS3.7 Annex D.3.3.7",
        "a response to the user identity was asked for and is not in the answer",
        "An acceptor that does not support user identities ignores them and accepts the association. The requestor "
        "cannot tell that its user was checked, and has to decide whether to go on.",
        "Check that user identity is switched on at the acceptor; if the requestor aborts after this answer, have it "
        "not ask for a response.",
        blame="nobody",
    ),
    "passcode-clear": Rule(
        "warning",
        "",
        "a {what} travels in clear",
        "Whoever can read the network, or this capture, has what it takes to pass for the user. It is masked here, "
        "but stands in the capture file.",
        "Use TLS between the two sides, change the user's passcode, and do not pass the capture on as it is.",
    ),
}
"""About the sub-items of the user information."""

ANSWERS = {
    "titles-changed": Rule(
        "remark",
        "PS3.8 9.3.3",
        "the answer does not repeat {names} of the request",
        "The acceptor sends back the AE titles and the reserved bytes of the request as they are. The receiver does "
        "not test them, and they do not tell who answered.",
        "Nothing is to be done unless the requestor refuses the answer; do not read these fields as the acceptor's "
        "own AE title.",
    ),
    "result-absent": Rule(
        "error",
        "PS3.8 7.1.1.14",
        "proposed presentation contexts without a result: {count} of {total}, the first is ID {value}",
        "Every proposed context has its result in the answer, whether accepted or not. A requestor may wait for the "
        "result, count the results off against its own list, or abort.",
        "Report it to the vendor of the acceptor; for the requestor the contexts count as refused.",
    ),
    "result-unasked": Rule(
        "error",
        "PS3.8 7.1.1.14",
        "there is a result for presentation context {value}, which was not proposed",
        "The answer has results for the proposed contexts only; the requestor does not know what this one is about, "
        "and may abort.",
        "Report it to the vendor of the acceptor; check that the answer belongs to this request.",
    ),
    "result-code": Rule(
        "error",
        "PS3.8 9.3.3.2",
        "{name} {value} of a presentation context is not one of 0 to 4",
        "An acceptance is 0, and 1 to 4 say why there is none; for any other number the requestor has to guess whether "
        "it may send in the context.",
        "Look at the acceptor's log for what became of the context; its vendor has to send one of the five results.",
    ),
    "result-syntax": Rule(
        "error",
        "PS3.8 9.3.3.2",
        "presentation context {value} is accepted {what}",
        "An accepted context names exactly one transfer syntax, and one of those that were proposed for it. "
        "Otherwise the requestor cannot know how to encode its data, or cannot encode it so.",
        "Compare the acceptor's list of transfer syntaxes for this SOP class with what was proposed, and report it "
        "to the vendor of the acceptor.",
    ),
    "nothing-accepted": Rule(
        "warning",
        "",
        "no presentation context is accepted, of {count} with a result",
        "The association is established, but nothing can be sent on it; most requestors release or abort it at once.",
        "See the results for the reason: abstract syntax not supported means that the acceptor lacks the SOP class or "
        "does not allow it to this AE title, transfer syntaxes not supported that it wants another encoding.",
        blame="nobody",
    ),
}
"""About the answer to what was proposed."""

RULES = {**HEAD, **UIDS, **CONTEXTS, **USER, **ANSWERS}
"""By code."""
