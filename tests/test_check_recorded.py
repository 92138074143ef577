"""Captures of real peers: each error that is found in one is true, for the reason that stands beside it."""

from pathlib import Path

from dissect.catalogue import CATALOG
from dissect.checking import Check
from dissect.config import Config
from dissect.reading import Reading
from tests.conftest import open_bytes

ARGUED = {
    "c-find-failed.pcap": {
        "query-level": "findscu was told to ask at the level IMAGES, and no model has that (PS3.4 C.6)",
    },
    "c-find-one-pdu.pcap": {
        "query-level": "Odil was given an identifier without a level, which each request has (PS3.4 C.4.1.1.3.1)",
    },
    "c-find.pcap": {
        "query-level": "findscu was asked for the Manufacturer alone, without a level (PS3.4 C.4.1.1.3.1)",
    },
    "c-store-un-uv.pcap": {
        "element-order": "the scheduled step's items hold (0040,0009) before (0040,0008), as they were put into them",
    },
    "dicom_get.pcap": {
        "pdu-before-accept": "the fuzzer replays what a requestor once sent, and does not wait for an A-ASSOCIATE-AC",
        "response-unasked": "it replays a C-STORE-RSP, though nothing was stored yet",
        "retrieve-keys": "its C-GET at the level PATIENT has an empty Patient ID (PS3.4 C.4.3.1.3.1)",
    },
    "dicom_store.pcap": {
        "pdu-before-accept": "the fuzzer replays what a requestor once sent, and does not wait for an A-ASSOCIATE-AC",
    },
}
"""By capture the rules that are broken in it, and why that is so."""


def test_each_error_in_a_recorded_capture_is_a_true_one(recorded: Path) -> None:
    reading = Reading(open_bytes(recorded.read_bytes()), Config())
    groups = Check(reading, tuple(CATALOG), filtered=False, shallow=False).run().list_groups()
    errors = {group.code for group in groups if group.rule.severity == "error"}
    assert errors == set(ARGUED.get(recorded.name, {}))
