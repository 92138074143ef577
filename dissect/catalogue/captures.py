"""Rules about what the capture lacks, and about where decoding stops."""

from dissect.catalogue.rule import Rule

RULES = {
    "stream-gap": Rule(
        "warning",
        "",
        "{count} bytes{places} are missing from the capture here: {first}bytes {start} to {last} of the {source}, {where}",
        "",
        "",
        blame="capture",
    ),
    "overlap-differs": Rule(
        "warning",
        "",
        "bytes {start} to {last} of the stream came twice with different contents: {old} in frame {first}, then {new} in frame {second}; the first are shown",
        "",
        "",
        blame="capture",
    ),
    "comment": Rule("remark", "", "frame {frame} has a comment: {text}", "", "", blame="capture"),
    "fragment-gap": Rule(
        "warning", "", "one fragment or more is missing from the capture here", "", "", blame="capture"
    ),
    "late-start": Rule(
        "remark", "", "the capture begins {count} bytes before the first PDU header", "", "", blame="capture"
    ),
    "pdu-cut": Rule("warning", "", "the capture ends {count} bytes before the PDU does", "", "", blame="capture"),
    "too-many": Rule("warning", "", "more than {value} items: the rest is not decoded", "", "", blame="capture"),
    "too-many-elements": Rule(
        "warning", "", "more than {value} elements: the rest is not decoded", "", "", blame="capture"
    ),
    "too-many-pdvs": Rule(
        "warning", "", "more than {value} presentation data values: the rest is not decoded", "", "", blame="capture"
    ),
    "too-deep": Rule("warning", "", "nested more than {value} deep: not decoded further", "", "", blame="capture"),
    "value-cut": Rule("remark", "", "only the first {count} bytes of the value are shown", "", "", blame="capture"),
    "context-unseen": Rule(
        "remark", "", "no A-ASSOCIATE-RQ in the capture: the encoding was found by looking", "", "", blame="capture"
    ),
    "context-unanswered": Rule(
        "remark", "", "no A-ASSOCIATE-AC in the capture: the encoding was found by looking", "", "", blame="capture"
    ),
}
"""By code."""
