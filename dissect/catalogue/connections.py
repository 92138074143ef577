"""Rules about the life of a connection and of the associations on it (PS3.8 7, 9.1, 9.2)."""

from dissect.catalogue.rule import Rule

RULES = {
    "connection-late": Rule("remark", "", "the capture begins after the connection did", "", ""),
    "connection-open": Rule("remark", "", "the capture ends before the connection does", "", ""),
    "connection-reset": Rule("remark", "", "{sender} reset it in frame {frame}{told}", "", ""),
    "connection-gap": Rule("warning", "", "{count} bytes of what {sender} sent are missing, {places}, {where}", "", ""),
    "connection-differs": Rule(
        "warning",
        "",
        "{sender} sent {count} bytes twice with different contents, first in frame {frame}; the first are shown",
        "",
        "",
    ),
    "late-copy": Rule(
        "warning",
        "",
        "{count} bytes of what {sender} sent came after they had been given up, first in frame {frame}",
        "",
        "",
    ),
    "sent-again": Rule("remark", "", "{sender} sent {count} again, {amount} bytes, first in frame {frame}", "", ""),
    "urgent-data": Rule("remark", "", "{sender} sent {count} with urgent data, first in frame {frame}", "", ""),
    "window-shut": Rule(
        "warning",
        "",
        "{sender} could take no more data {count}, for {seconds} s in all, first in frame {frame}{still}",
        "",
        "",
    ),
    "ack-delayed": Rule(
        "remark",
        "",
        "{sender} waited for a delayed acknowledgement {count}, for {seconds} s in all, first up to frame {frame}; sending without delay (TCP_NODELAY) avoids it",
        "",
        "",
    ),
}
"""By code."""
