"""Rules about how TCP carried a connection, and about what the capture lacks of it."""

from dissect.catalogue.rule import Rule

RULES = {
    "connection-late": Rule(
        "remark",
        "",
        "the capture begins after the connection did",
        "Its TCP handshake was not recorded, so that who opened it is known at best from the PDUs, and the round-trip "
        "time not at all.",
        "Where that matters, have the recording run before the device connects; a ring of files (tcpdump -C, -W) may "
        "run for days.",
        blame="capture",
    ),
    "connection-open": Rule(
        "remark",
        "",
        "the capture ends before the connection does",
        "No FIN from both sides and no reset was recorded, so that an answer or release that is not there may have "
        "followed later.",
        "Draw no conclusion from what does not come at the end; if the last frame is long before the end of the file, "
        "look for a side that keeps idle connections open.",
        blame="capture",
    ),
    "connection-reset": Rule(
        "remark",
        "",
        "{sender} reset it in frame {frame}{told}",
        "A reset throws away what is still on its way in both directions. After a release or abort it is a common way "
        "to close; without those it breaks the association off.",
        "See which PDU came last before it. In the midst of a transfer look in the log of the side that reset for a "
        "crash, a timeout or a limit, and at firewalls that cut idle connections.",
        blame="named",
    ),
    "connection-gap": Rule(
        "warning",
        "",
        "{count} bytes of what {sender} sent are missing, {places}, {where}",
        "As a rule they were on the wire and were acknowledged, but did not get into the file. Whatever lies in them "
        "stays unknown: PDUs, messages, pixel data.",
        "Look up the count of dropped frames that the capturing program gave at its end; record on one of the two "
        "hosts rather than at a mirror port, with a filter on the DICOM port.",
        blame="capture",
    ),
    "connection-differs": Rule(
        "warning",
        "",
        "{sender} sent {count} bytes twice with different contents, first in frame {frame}; the first are shown",
        "TCP repeats a segment unchanged. A difference means a damaged frame, a device that rewrites traffic, or ports "
        "used again at once by another connection.",
        "Record at both ends and compare this range: if the sender's own capture has one version only, look for the "
        "device between the two that changes it.",
        blame="capture",
    ),
    "late-copy": Rule(
        "warning",
        "",
        "{count} bytes of what {sender} sent came after they had been given up, first in frame {frame}",
        "The other side had acknowledged them, or much more had come behind them, before they appear in the file; they "
        "were taken for lost, and decoding had gone on.",
        "The frames stand in the wrong order, as when captures of two interfaces are joined: sort the file by time "
        "(reordercap) or merge the parts with mergecap, and open it again.",
        blame="capture",
    ),
    "sent-again": Rule(
        "remark",
        "",
        "{sender} sent {count} again, {amount} bytes, first in frame {frame}",
        "Segments or their acknowledgements got lost or came too late. Each such loss makes the sender pause and slow "
        "down, but changes nothing in what arrives.",
        "A few are normal. Where they are more than one in a hundred, check duplex settings, cables, Wi-Fi and the "
        "error counters of the switch ports.",
        blame="nobody",
    ),
    "urgent-data": Rule(
        "remark",
        "",
        "{sender} sent {count} with urgent data, first in frame {frame}",
        "DICOM does not use TCP's urgent pointer, and hosts differ in whether the urgent byte is part of the stream; "
        "here it counts as part of it.",
        "Find out what sets the flag: a security scanner, a proxy, or a program that sends with MSG_OOB.",
        blame="named",
    ),
    "window-shut": Rule(
        "warning",
        "",
        "{sender} could take no more data {count}, for {seconds} s in all, first in frame {frame}{still}",
        "It announced a receive window of zero: the application there does not read as fast as the peer sends, and "
        "the peer has to wait. The network is not what slows the transfer down.",
        "Look at the host named: disk or database writes in the receiving thread, compression on arrival, a process "
        "that hangs, or a TCP receive buffer that is set too small.",
        blame="named",
    ),
    "ack-delayed": Rule(
        "remark",
        "",
        "{sender} waited for a delayed acknowledgement {count}, for {seconds} s in all, "
        "the first time until frame {frame}; sending without delay (TCP_NODELAY) avoids it",
        "Nagle's algorithm holds a small segment back until the one before it is acknowledged, and the peer delays "
        "that by 40 to 200 ms, so that many small messages take seconds.",
        "Switch Nagle's algorithm off at the waiting side (DCMTK 3.6.2 and later: TCP_NODELAY=1 in the environment), "
        "or let it write the header and body of a PDU at once.",
        blame="named",
    ),
}
"""By code."""
