"""Rules about messages and operations (PS3.7 7 to 10; PS3.4)."""

from dissect.catalogue.rule import Rule

RULES = {
    "message-id-used": Rule(
        "error",
        "PS3.7 9.1.4.1.1",
        "message ID {value} is that of {other} (PDU {number}) too, which is not finished",
        "A response names its request by the message ID alone: it is taken for that to the wrong one.",
        "Let the sender count message IDs up, and use one again only after the final response.",
    ),
    "message-id-again": Rule(
        "remark",
        "PS3.7 9.1.4.1.1",
        "message ID {value} was that of a {other} before, finished in PDU {number}",
        "It is allowed, though the standard recommends an ID of its own for each: a reader of logs cannot tell the"
        " two apart.",
        "Let the sender count message IDs up within an association.",
    ),
    "window": Rule(
        "error",
        "PS3.7 Annex D.3.3.3",
        "{count} operations of {who} are outstanding, where {limit} may be",
        "More than was negotiated may overrun the peer's buffers; without negotiation it is one at a time.",
        "Let the sender wait for responses, or negotiate an asynchronous operations window.",
    ),
    "cancel-stray": Rule(
        "error",
        "PS3.7 7.5.3.3",
        "a C-CANCEL for message ID {value}, which is {other}: only C-FIND, C-GET and C-MOVE can be cancelled",
        "The peer has nothing to stop, and gives no response.",
        "See whether the sender keeps the message ID of the operation that its user wants to stop.",
    ),
    "cancel-ignored": Rule(
        "remark",
        "PS3.7 9.1.2.2",
        "{count} more responses came after the C-CANCEL of PDU {number}, and the last does not say cancelled",
        "A C-CANCEL that comes in time ends the operation with the status cancelled (FE00H); here the peer went on, and"
        " large results cost time though nobody wants them any more.",
        "See in the peer's conformance statement whether it supports C-CANCEL.",
    ),
    "response-kind": Rule(
        "error",
        "PS3.7 Annex E.1",
        "{name} with message ID {value}, which is that of {request} (PDU {number})",
        "The requestor waits for a response to what it asked, and takes this for a protocol error.",
        "Correct the command field of the response: that of the request and 8000H.",
    ),
    "response-unasked": Rule(
        "error",
        "PS3.7 Annex E.1",
        "{name} to message ID {value}, which no request has{waiting}",
        "The requestor cannot tell what it answers, and goes on waiting for the response to its request.",
        "Let the sender copy (0000,0110) of the request to (0000,0120) of the response.",
    ),
    "response-after-final": Rule(
        "error",
        "PS3.7 7.5.3",
        "another response to message ID {value}, though that {other} had its final one in PDU {number}",
        "The final response completes the operation: the requestor may take this one for the response to another.",
        "See whether two threads of the sender answer, or a pending status comes too late.",
    ),
    "pending-status": Rule(
        "error",
        "PS3.7 7.5.3",
        "a pending status in the response to a {service}, which has one response",
        "Pending responses are those of C-FIND, C-GET and C-MOVE alone; here the requestor takes it for an error.",
        "Correct the status of the sender: 0000H for success.",
    ),
    "response-context": Rule(
        "error",
        "",
        "the response came in presentation context {value}, its request (PDU {number}) in {wanted}",
        "Most requestors look for the response in the context of the request and abort, or read it wrongly.",
        "Let the sender answer in the context in which it was asked.",
    ),
    "response-class": Rule(
        "error",
        "PS3.7 9.1.1.1.3",
        "the response is about {value}, its request (PDU {number}) about {wanted}",
        "The SOP class of a response, where it has one, is that of the request.",
        "Correct the response: copy the SOP class of the request, or leave it out.",
    ),
    "response-instance": Rule(
        "error",
        "PS3.7 9.1.1.1.4",
        "the response is about instance {value}, its request (PDU {number}) about {wanted}",
        "Where a response names an instance, it is that of the request: else the requestor may take it that another"
        " object was stored or changed.",
        "Correct the response: copy the SOP instance UID of the request.",
    ),
    "response-type": Rule(
        "error",
        "PS3.7 10.1",
        "the response is about type {value}, its request (PDU {number}) about {wanted}",
        "The event or action that was answered is not the one that was asked for.",
        "Correct the response: copy the type of the request.",
    ),
    "response-early": Rule(
        "error",
        "PS3.7 9.1.1.2",
        "a response of {category} before the end of {request}",
        "Only a failure or refusal may come before the whole data set has been received: the requestor takes for done"
        " what the peer cannot have done yet.",
        "See whether the peer answers on the command alone, without taking the data set.",
    ),
    "operation-unanswered": Rule(
        "warning",
        "PS3.7 Annex A.4",
        "{name} had no final response{partly}{waited} until {ended}",
        "Each operation and notification is answered on its own association. Its sender cannot tell what became of it:"
        " an object that was sent may or may not have been kept.",
        "Look at the peer's log at that time; compare the time with the timeouts of both sides.",
        blame="receiver",
    ),
    "class-context": Rule(
        "error",
        "PS3.7 Annex D.3.2",
        "{value} is asked for in presentation context {context}, which is for {abstract}",
        "The context tells the receiver which service is to answer: another SOP class is refused, or read wrongly.",
        "Let the sender propose a context for each SOP class, and use the one that was accepted for it.",
    ),
    "role": Rule(
        "error",
        "PS3.7 Annex D.3.3.4",
        "{name} from {who}, which is not {role} of {abstract}{sub}",
        "Without role selection the requestor is SCU and the acceptor SCP; only an SCU asks, only an SCP reports.",
        "Let the requestor propose the roles that both sides need, and the acceptor return them.",
    ),
    "get-role": Rule(
        "warning",
        "PS3.7 Annex D.3.3.4",
        "{who} asks for a C-GET, but is SCP of no storage class in this association",
        "The peer has no context in which it may send back what it finds: the sub-operations all fail.",
        "Let the requestor propose contexts for the storage classes that it wants, each with the SCP role.",
    ),
    "move-same-association": Rule(
        "error",
        "PS3.7 9.1.4",
        "a C-STORE on the association of {move} (PDU {number}) that asked for it",
        "Sub-operations of a C-MOVE go to the move destination on an association of their own.",
        "Use C-GET where objects are to come on the same association; otherwise correct the peer's C-MOVE.",
    ),
    "originator": Rule(
        "remark",
        "PS3.7 9.3.1.1",
        "the C-STORE names as the C-MOVE that caused it {what}",
        "The receiver cannot tell which retrieval the object belongs to.",
        "Let the peer send AE title and message ID of the C-MOVE, both of them as they were.",
    ),
    "created-instance": Rule(
        "error",
        "PS3.7 10.1.5.1.4",
        "the response names no SOP instance, nor did the N-CREATE of PDU {number}",
        "The side that creates the instance gives it its UID where the request has none: without it nobody knows how to"
        " call what was created, and no N-SET or N-GET can follow.",
        "Let the peer name the instance that it created, where the request does not.",
    ),
    "operation-failed": Rule(
        "warning",
        "",
        "{name} of {sop_class} failed with status {status}, {meaning}{comment}{hint}",
        "What was asked for was not done. That breaks no rule by itself: the status tells what the peer objects to.",
        "Look up the status in the peer's conformance statement, and the time of the response in its log.",
        blame="nobody",
    ),
    "counts": Rule(
        "warning",
        "",
        "the numbers of sub-operations do not add up: {text}",
        "A program that shows progress by them shows nonsense; one that waits for the last one waits for ever.",
        "Do not rely on them, and look at what was stored.",
    ),
    "counts-status": Rule(
        "error",
        "PS3.4 Annex C.4.2.3.1",
        "the status is {status}, though of its sub-operations {text}",
        "The requestor believes the status, and takes a retrieval for whole which is not, or the reverse.",
        "Correct the status of the peer: success where none failed, B000H where some did, a failure where all did.",
    ),
    "counts-observed": Rule(
        "warning",
        "",
        "the final response tells of {told} sub-operations, the capture holds {seen}",
        "Either the peer counts wrongly, or not all of its associations were captured.",
        "Compare with what the destination has; see whether the capture filter leaves hosts out.",
    ),
    "instance-again": Rule(
        "warning",
        "",
        "instance {uid} was stored there before, in PDU {number}",
        "It is sent again, or two objects share an instance UID, and one of them overwrites the other.",
        "Compare the two data sets (dissect show); if they differ, the sender makes UIDs wrongly.",
    ),
    "step-order": Rule(
        "error",
        "PS3.4 Annex F.7.2.2.3",
        "an N-SET of a performed procedure step that was {state} in PDU {number}",
        "A step that is completed or discontinued can no longer be changed: the peer answers with 0110H.",
        "Let the modality send all changes before the final state.",
    ),
    "commitment": Rule(
        "warning",
        "PS3.4 Annex J.3.3.1.2",
        "no N-EVENT-REPORT tells the result of the storage commitment with transaction UID {uid}, for {seconds:.1f} s",
        "The archive reports success or failure, with the same transaction UID, on this association or on one of its"
        " own; until then the sender cannot know that its objects are safe, and keeps them.",
        "See whether the archive can reach the modality to report, by its AE title, host and port.",
        blame="receiver",
    ),
}
"""By code."""
