"""Rules about the life of associations: begin, rejection, release, abort (PS3.8 7.1 to 7.3, 9.1, 9.2)."""

from dissect.catalogue.rule import Rule

RULES = {
    "association-second": Rule(
        "error",
        "PS3.8 9.1.1",
        "a second A-ASSOCIATE-RQ on the connection, behind that of association {number}",
        "A connection carries one association: a peer that follows the standard answers the second request with an"
        " A-ABORT.",
        "Let the requestor open a new connection for each association, and close the old one after the release.",
    ),
    "first-not-request": Rule(
        "error",
        "PS3.8 9.2.3",
        "the first PDU of the side that opened the connection is {name}, not an A-ASSOCIATE-RQ",
        "Nothing but an A-ASSOCIATE-RQ can begin: the acceptor aborts, for it is in Sta2.",
        "Look at what connects to this port: a load balancer's check, another protocol, or a requestor that lost count"
        " of its connections.",
    ),
    "acceptor-first": Rule(
        "error",
        "PS3.8 9.2.3",
        "{name} from the side that was connected to, which has not received an A-ASSOCIATE-RQ",
        "The acceptor waits in Sta2 for the request and has nothing to say before: the requestor takes whatever comes"
        " for an answer to a request that it has still to send.",
        "See whether both ends take the same side for the requestor, and whether a proxy stands between them.",
    ),
    "answer-unasked": Rule(
        "error",
        "PS3.8 9.2.3",
        "{name} that answers no A-ASSOCIATE-RQ: {why}",
        "An A-ASSOCIATE-AC or A-ASSOCIATE-RJ is the acceptor's one answer to a request; any other ends in an A-ABORT.",
        "See whether two threads of the acceptor answer the same request, or an old answer is sent on a new"
        " connection.",
    ),
    "pdu-before-accept": Rule(
        "error",
        "PS3.8 9.2.3",
        "{name} before the association was accepted",
        "Before the A-ASSOCIATE-AC nobody knows which contexts there are: the peer aborts what comes in Sta3 or Sta5.",
        "Let the sender wait for the A-ASSOCIATE-AC before it sends anything else.",
    ),
    "pdu-after-release": Rule(
        "error",
        "PS3.8 9.2.3",
        "{name} from {who}, which had asked for release in PDU {number}",
        "A side that has sent an A-RELEASE-RQ has nothing more to send: its peer, in Sta8, aborts. The other side still"
        " may send.",
        "Let the sender finish its operations, and only then ask for release.",
    ),
    "pdu-after-end": Rule(
        "warning",
        "PS3.8 9.2.3",
        "{name} from {who}, which had ended the association with {last} in PDU {number}",
        "After it a side only waits for the connection to be closed; its peer closes it, and reads no more.",
        "Look for a second thread of the sender that does not know that the association is over.",
    ),
    "release-unasked": Rule(
        "error",
        "PS3.8 9.2.3",
        "A-RELEASE-RP from {who}, though its peer has not asked for release",
        "The peer, in Sta6, takes it for a protocol error and aborts.",
        "Let the side that wants to end the association send an A-RELEASE-RQ and wait for the response.",
    ),
    "release-unanswered": Rule(
        "warning",
        "PS3.8 7.2.2",
        "the A-RELEASE-RQ was not answered before {how}",
        "Every A-RELEASE-RQ is answered with an A-RELEASE-RP, and cannot be refused; without one the sender cannot tell"
        " whether the peer has taken everything that was sent.",
        "See who closed the connection first: the requestor must wait for the response, the acceptor must send one.",
        blame="named",
    ),
    "release-collision": Rule(
        "warning",
        "PS3.8 7.2.2",
        "both sides have asked for release, the other one in PDU {number}",
        "It is legal, but the order of the two responses is prescribed then, and many implementations get it wrong.",
        "Let one side alone end associations, most often the requestor.",
        blame="nobody",
    ),
    "release-order": Rule(
        "warning",
        "PS3.8 7.2.2",
        "A-RELEASE-RP from the acceptor before that of the requestor, though both had asked for release",
        "In a release collision the association requestor answers first; the acceptor waits for that in Sta10.",
        "Correct the acceptor: it may answer once it has received the requestor's A-RELEASE-RP.",
    ),
    "release-early": Rule(
        "warning",
        "",
        "A-RELEASE-RQ while {count} not finished: {which}",
        "The result of such an operation never comes: an object that was sent may or may not have been kept.",
        "Let the sender wait for all responses before it releases, and look at why they took so long.",
    ),
    "closed-without-release": Rule(
        "warning",
        "PS3.8 9.1.4",
        "the connection was {how} by {who} without a release or an abort",
        "The peer is left to guess whether the work was done; most take it for an abort and log an error.",
        "See whether that application crashed, ran into a timeout or skips the release; a firewall that drops idle"
        " connections does the same.",
        blame="named",
    ),
    "request-late": Rule(
        "warning",
        "PS3.8 9.1.4",
        "the A-ASSOCIATE-RQ came {seconds:.1f} s after the connection was opened, later than the ARTIM timer's"
        " {limit:g} s",
        "The acceptor closes a connection on which no request comes before its ARTIM timer expires. Its time is a"
        " setting of each application, not one of the standard.",
        "Let the requestor open the connection only when it has something to ask; --artim sets the limit that is"
        " checked here.",
    ),
    "not-closed": Rule(
        "warning",
        "PS3.8 9.2.3",
        "the connection was still open {seconds:.1f} s after {name}, longer than the ARTIM timer's {limit:g} s",
        "The side that sent it closes the connection when its ARTIM timer expires; one that stays open holds resources"
        " on both sides.",
        "See why neither side closes: the peer should at once, the sender when the timer expires.",
    ),
    "closed-by-other": Rule(
        "remark",
        "PS3.8 9.2.2",
        "the connection was closed by {who}, though after {name} it is {due} that closes it",
        "It does no harm, but a side that waits for its peer to close may log an error.",
        "Nothing need be done unless one side complains about lost connections.",
        blame="named",
    ),
    "error-not-aborted": Rule(
        "error",
        "PS3.8 9.2.3",
        "{who} did not abort after PDU {number}, which the protocol does not allow ({rule})",
        "A side that receives what it must not has to send an A-ABORT; one that goes on hides the error of its peer.",
        "Correct the PDU that is named first; then the receiver's handling of it.",
        blame="receiver",
    ),
    "pdu-truncated": Rule(
        "error",
        "",
        "{who} closed the connection {count} bytes before its PDU ends",
        "The receiver waits for the rest of the PDU, and throws away what it has of it.",
        "See whether the sender crashed, or computes the PDU length wrongly.",
    ),
    "port-unusual": Rule(
        "remark",
        "PS3.8 9.1.1",
        "the acceptor listens on port {port}, not on 104 or 11112",
        "Any port will do, but firewalls and analysers know the registered ones.",
        "Nothing need be done where both sides are configured for this port.",
        blame="nobody",
    ),
    "request-unanswered": Rule(
        "warning",
        "PS3.8 7.1.2",
        "the A-ASSOCIATE-RQ was not answered: {how} after {seconds:.1f} s",
        "Each request has an answer, an A-ASSOCIATE-AC or an A-ASSOCIATE-RJ, unless it is aborted.",
        "Look at the acceptor's log: a full process table, a hung application, a proxy without a target.",
        blame="receiver",
    ),
    "aborted-at-once": Rule(
        "remark",
        "",
        "{who} aborted right after the A-ASSOCIATE-AC, which accepted {accepted} of {proposed} presentation contexts",
        "That is what requestors do which find no context that they can use.",
        "Compare what was accepted with what the requestor has to send.",
    ),
    "abort-explained": Rule(
        "remark",
        "",
        "{who} aborted; {why}",
        "An A-ABORT gives a coarse reason or none: what came before it tells more.",
        "Begin with what is named here, then look at the log of the side that aborted, at that time.",
    ),
    "abort-contradicts": Rule(
        "warning",
        "",
        "the abort says '{reason}', but {why}",
        "The reason of this A-ABORT leads whoever looks for the error the wrong way.",
        "Do not trust the reason; look at the log of the side that aborted.",
    ),
    "abort-source": Rule(
        "error",
        "PS3.8 9.3.8",
        "{name} {value} of an A-ABORT is reserved: 0 is the service user, 2 the service provider",
        "A receiver cannot tell whether the application or its network layer gave up.",
        "Correct the A-ABORT of its sender.",
    ),
    "abort-reason": Rule(
        "error",
        "PS3.8 9.3.8",
        "{name} {value} of an A-ABORT is not one of the service provider's: 0, 1, 2, 4, 5 and 6",
        "Receivers print it as unknown or refuse the PDU.",
        "Correct the A-ABORT of its sender: 0 stands for no reason, 2 for a PDU that was not expected.",
    ),
    "abort-reason-set": Rule(
        "remark",
        "PS3.8 9.3.8",
        "reason {value} in an A-ABORT of the service user, where it means nothing",
        "The field is significant only where the service provider aborts, and is sent as 0 otherwise.",
        "Do not read a meaning into it.",
    ),
    "reject-reason": Rule(
        "error",
        "PS3.8 9.3.4",
        "{name} {value} of an A-ASSOCIATE-RJ is reserved or unknown",
        "The requestor cannot tell its user why it was rejected.",
        "Look at the acceptor's log for the true reason, and correct its A-ASSOCIATE-RJ.",
    ),
    "reject-explained": Rule(
        "warning",
        "",
        "rejected for '{reason}'; {why}",
        "The reason names one side's setting: what else the capture holds tells which.",
        "Correct a called AE title in the requestor's entry for this peer, above all where the acceptor takes"
        " associations under another; add a calling one to the peers that the acceptor knows. For any other reason"
        " compare the settings of both sides.",
    ),
    "reject-contradicts": Rule(
        "remark",
        "",
        "rejected for '{reason}', but {why}",
        "Whoever goes by the reason of this A-ASSOCIATE-RJ changes a setting that was right.",
        "Do not trust the reason; look at the acceptor's log.",
    ),
    "rejected-transient": Rule(
        "warning",
        "",
        "rejected for a time alone, for '{reason}'; {why}",
        "The same request may be accepted later, unlike one that is rejected for good, which needs another"
        " configuration.",
        "Let the requestor try again after a while; if it happens often, raise the acceptor's limit of associations.",
    ),
    "ae-title-alike": Rule(
        "warning",
        "",
        "the AE title '{value}' differs from '{other}' of association {number} in case or blanks alone",
        "AE titles are compared letter by letter: most peers take the two for different entities.",
        "See which of the two the other side has in its configuration, and use that one everywhere.",
    ),
    "rejected-although": Rule(
        "warning",
        "",
        "{calling} was rejected by {called}, which accepted it in association {other}",
        "The configuration is right at least in one case: look for what differs between the two.",
        "Compare the two requests, and look for limits on the number of associations, and for addresses that differ.",
        blame="nobody",
    ),
    "context-declined": Rule(
        "remark",
        "PS3.8 9.3.3.2",
        "presentation context {context} ({abstract}) was refused: {result}; offered {offered}{elsewhere}",
        "Nothing can be sent in it. Most requestors offer more than they need, so that it matters only where something"
        " was to be sent.",
        "Where it matters, compare what was offered with what the acceptor supports, as its conformance statement"
        " says.",
        blame="nobody",
    ),
    "class-split": Rule(
        "remark",
        "",
        "presentation context {context} ({abstract}) was refused: {result}; offered {offered}; context {other} has it"
        " with {transfer}",
        "Objects of this class can be sent, but only in the other encoding: those in the refused one must be"
        " transcoded, or fail.",
        "Let the acceptor support the transfer syntax that was refused, or the requestor transcode.",
        blame="nobody",
    ),
}
"""By code."""
