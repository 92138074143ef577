"""Rules about P-DATA-TF PDUs, presentation data values and fragments (PS3.8 9.3.5, Annex D, Annex E)."""

from dissect.catalogue.rule import Rule

RULES = {
    "reserved-bits": Rule(
        "remark", "PS3.8 Annex E.2", "bits 2 to 7 of the message control header are not zero", "", ""
    ),
    "pdv-length": Rule("error", "PS3.8 9.3.5.1", "PDV length {value} where 2 to {room} is possible", "", ""),
    "pdv-odd": Rule("error", "PS3.8 Annex E.1", "a fragment of {count} bytes; fragments have an even length", "", ""),
    "no-pdv": Rule("error", "PS3.8 9.3.5", "a P-DATA-TF PDU without a presentation data value", "", ""),
    "context-unknown": Rule("error", "PS3.8 9.3.5.1", "presentation context {value} was not proposed", "", ""),
    "context-refused": Rule("error", "PS3.8 9.3.5.1", "presentation context {value} was not accepted", "", ""),
    "context-unnamed": Rule(
        "error", "PS3.8 9.3.3.2", "presentation context {value} was accepted without a transfer syntax", "", ""
    ),
    "context-rejected": Rule("error", "PS3.8 9.2.3", "data in an association that was rejected", "", ""),
    "data-without-command": Rule("error", "PS3.7 6.3", "a data fragment without a command before it", "", ""),
    "command-incomplete": Rule("error", "PS3.7 6.3", "a data fragment before the last one of the command", "", ""),
    "message-incomplete": Rule("error", "PS3.8 Annex E.1", "the message before never got its last fragment", "", ""),
}
"""By code."""
