"""The filter language: what each construct holds for, what it is blamed for, and what it does not decode."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dicom import elements
from dissect.query import Column, Filter, QueryError
from dissect.reading import Reading
from tests import build
from tests.conftest import ROOT, open_bytes

CAPTURES = ROOT / "captures"
WORKLIST = CAPTURES / "c-find-worklist.pcap"
"""PDU 3 asks; 5, 7 and 9 are pending responses, 6, 8 and 10 their data sets; 11 is the last response."""


def find(text: str, path: Path = WORKLIST) -> list[int]:
    """Give the numbers of the PDUs that a filter holds for."""
    return [subject.arrival.number for subject in Reading(Capture(path), Config(), Filter(text))]


def blame(text: str) -> tuple[int, str]:
    """Give the column and the text of the error in a filter."""
    with pytest.raises(QueryError) as caught:
        Filter(text)
    return caught.value.column, str(caught.value)


ALL = list(range(1, 14))
MATCHES = [6, 8, 10]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pdu.type == 1", [1]),
        ("dicom.pdu.type == 0x04", list(range(3, 12))),
        ('pdu.type == "P-DATA-TF"', list(range(3, 12))),
        ("pdu.type == p-data-tf", list(range(3, 12))),
        ("pdu.type in {1, 5..6}", [1, 12, 13]),
        ("pdu.type in {A-ABORT, A-RELEASE-RQ}", [12]),
        ("pdu.len >= 900 and pdu.len < 912", [8]),
        ("pdu.type eq 1 or pdu.type eq 2", [1, 2]),
        ("pdu.type == 1 || (pdu.type == 4 && pdu.len > 914)", [1, 10]),
        ("not pdu.type == 4", [1, 2, 12, 13]),
        ("!(pdu.type == 4) and not pdu.type == 1", [2, 12, 13]),
        ("from == acceptor and not pdu.type == 4", [2, 13]),
        ("calling == MODALITY", ALL),
        ('assoc.calling == "modality"', []),
        ('lower(assoc.calling) == "modality"', ALL),
        ("dicom.assoc.ae.calling == MODALITY", [1, 2]),
        ("frame.number == 4", [1]),
        ("ip.addr == 127.0.0.0/8", ALL),
        ("ip.src == 127.0.0.2", []),
        ("tcp.port == 11112 and tcp.srcport != 11112", [1, 3, 4, 12]),
        ("tcp.stream == 0", ALL),
        ("dimse.cmd", [3, 5, 7, 9, 11]),
        ("dimse.cmd == C-FIND-RQ", [3]),
        ("dimse.cmd == 0x8020", [5, 7, 9, 11]),
        ("dimse.status == pending", [5, 7, 9]),
        ("dimse.status == 0xff01", [9]),
        ("dimse.status in {success, 0xff01}", [9, 11]),
        ('dimse.status matches "warning"', [9]),
        ("dimse.time > 0.01", [7, 9, 11]),
        ("dimse.request == 3", [5, 7, 9, 11]),
        ("Status == 0xff00", [5, 7]),
        ("(0000,0900) == 0", [11]),
        ('sop.class == "1.2.840.10008.5.1.4.31"', list(range(3, 12))),
        ('sop.class contains "Worklist"', list(range(3, 12))),
        ('sop.class == ""', []),
        ('pdv.transfer == "Explicit VR Little Endian" and pdv.flags == 2', [4, *MATCHES]),
        ("PatientID", [4, *MATCHES]),
        ('PatientID == "SYN-0002"', [8]),
        ("PatientID == SYN-0002", [8]),
        ("(0010,0020) == SYN-0002", [8]),
        ("(0010,00x0) == SYN-0002", [8]),
        ('PatientID != "SYN-0002"', [4, 6, 10]),
        ("not PatientID == SYN-0002 and PatientID", [4, 6, 10]),
        ('PatientName startswith "Doe"', [8, 10]),
        ('PatientName contains "Jane"', [8]),
        ('PatientName matches r"^doe\\^j(ane|ohn)"', [8, 10]),
        ('PatientName ~ "jörg"', [6]),
        ('PatientName[0:3] == "Doe"', [8, 10]),
        ('PatientName[-3:] == "Jr."', [10]),
        ('PatientName[0-2] == "Doe"', [8, 10]),
        ("len(PatientName) > 11", [10]),
        ("PatientWeight == 72.50", MATCHES),
        ("PatientWeight in {70..73}", MATCHES),
        ("PatientBirthDate < 19700102", MATCHES),
        ("CodeValue == X-CONTRAST", MATCHES),
        ("CodeValue === X-CONTRAST", []),
        ("CodeValue !== X-CONTRAST", [4, *MATCHES]),
        ("CodeValue != X-CONTRAST", [4]),
        ("count(CodeValue) == 5", MATCHES),
        ("PatientName:vr == PN", [4, *MATCHES]),
        ("PatientID:len == 8", MATCHES),
        ('PatientID:name == "Patient ID"', [4, *MATCHES]),
        ("PatientID:raw contains 53:59:4e", MATCHES),
        ("ScheduledProcedureStepSequence.Modality == CT", [4, *MATCHES]),
        ("ScheduledProcedureStepSequence[0].ScheduledProcedureStepID == SPS2", [8]),
        ("ScheduledProcedureStepSequence[1].Modality", []),
        ("ScheduledProcedureStepSequence[*].ScheduledProtocolCodeSequence[1].CodeValue == X-CONTRAST", MATCHES),
        ("ScheduledProtocolCodeSequence[0].CodeValue == X-CONTRAST", []),
        ("(0040,0100).(0040,0009) == SPS3", [10]),
        ("item(CodeValue == X-CONTRAST and CodingSchemeDesignator == 99EXAMPLE)", MATCHES),
        ("item(CodeValue == X-CONTRAST and CodingSchemeDesignator == DCM)", []),
        ("CodeValue == X-CONTRAST and CodingSchemeDesignator == DCM", MATCHES),
        ("msg(PatientID == SYN-0002)", [7, 8]),
        ("op(PatientID == SYN-0002)", list(range(3, 12))),
        ("assoc(PatientID == SYN-0002)", ALL),
        ("assoc(msg(PatientID == SYN-0002) and dimse.cmd)", ALL),
        ("assoc(PatientID == nobody)", []),
        ("assoc.end == released and pdu == 1", [1]),
        ("assoc.failures > 0", []),
        ("any contains contrast", MATCHES),
        ('"Contrast"', MATCHES),
        ("dicom.tag == 0x00100020", [4, *MATCHES]),
        ("dicom.tag.value.str == SYN-0002", [8]),
        ("frame.time_relative > 0.1", []),
        ("tcp.srcport == tcp.dstport", []),
        ('"released" == assoc.end and pdu < 3', [1, 2]),
        ('PatientName == ""', [4]),
        ("len(PatientName) == 0", [4]),
        ("dicom.tag == (0010,0020)", [4, *MATCHES]),
        ("tag == PatientID", [4, *MATCHES]),
        ("tag in {(0040,0009)..(0040,0010)}", MATCHES),
        ("dimse.status == FF01", [9]),
        ("dimse.status in {FF00..FF01}", [5, 7, 9]),
        ("dimse.status.class == pending", [5, 7, 9]),
        ('dimse.status.text contains "Warning"', [9]),
        ('dicom contains "Doe"', [8, 10]),
        ('frame matches r"doe\\^"', [8, 10]),
        ('pdu.len == "914"', [6]),
        ('sop.class == "modality worklist information model - find"', list(range(3, 12))),
        ("sop.class == ModalityWorklistInformationModelFind", list(range(3, 12))),
        ('pdv.transfer == "Explicit VR Little Endian (1.2.840.10008.1.2.1)" and pdu == 3', [3]),
        ('dicom.assoc.ae.called == "ARCHIVE         "', [1, 2]),
        ("dicom.PatientID == SYN-0002", [8]),
        ("msg(PatientID == SYN-0002 and dimse.status == pending)", [7, 8]),
        ("msg(PatientID == SYN-0002 and dimse.status == success)", []),
        ("frame.time_relative < .05 and pdu == 1", [1]),
        ('PatientName in {"doe^jane"}', []),
        ('PatientName in {"Doe^Jane", Nobody}', [8]),
        ('PatientName:raw == "Doe^Jane"', [8]),
        ("PatientName:raw[0:3] == 44:6f:65", [8, 10]),
        ('PatientID:raw != "SYN-0002" and PatientID:len == 8', [6, 10]),
        ("ip.addr == fe80::/10", []),
        ("ip.addr == ::/0", []),
        ("ip.addr == 127.0.0.1/8 and pdu == 1", [1]),
        ('MessageID == "1"', [3]),
        ("(0008,0100) == (0008,0100)", [4, *MATCHES]),
        ("PatientName == Müller^Jörg", [6]),
    ],
)
def test_a_filter_holds_for(text: str, found: list[int]) -> None:
    assert find(text) == found


def test_whether_a_context_was_refused_is_asked_of_the_acceptance() -> None:
    assert find("pctx.result == 3", CAPTURES / "negotiation.pcap") == [2]
    assert find("dicom.pctx.id == 1", CAPTURES / "negotiation.pcap") == [1, 2]


def test_how_an_association_ended_is_known_before_its_first_pdu_is_given() -> None:
    assert find("assoc.end == aborted and pdu.type == 1", CAPTURES / "aborted.pcap") == [1]
    assert find("assoc.end == rejected and pdu.type == 1", CAPTURES / "rejected.pcap") == [1]
    assert find("assoc.failures == 3 and pdu.type == 1", CAPTURES / "c-store-refused.pcap") == [1]


def test_what_fails_is_a_rejection_an_abort_or_a_status() -> None:
    assert find("failure", CAPTURES / "rejected.pcap") == [2]
    assert find("failure == A-ABORT", CAPTURES / "aborted.pcap") == find("pdu.type == 7", CAPTURES / "aborted.pcap")
    assert find('failure contains "Out of Resources"', CAPTURES / "c-store-refused.pcap") == [5]


def test_a_problem_is_a_code_of_a_note_and_has_a_severity() -> None:
    path = CAPTURES / "built-unknown-pdus.pcap"
    assert find("problem == pdu-type", path) == find("problem.severity == error", path) != []
    assert find("problem", path) == find("problem == pdu-type or problem.severity in {warning, remark}", path)


def test_one_value_of_several_is_enough_and_a_backslash_asks_for_all() -> None:
    data = build.text(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL")
    capture = open_bytes(build.pcap(build.store_talk(data).frames))

    def holds(text: str) -> bool:
        return bool(list(Reading(capture.again(), Config(), Filter(text))))

    assert holds("ImageType == PRIMARY")
    assert holds(r'ImageType == r"ORIGINAL\PRIMARY\AXIAL"')
    assert not holds(r'ImageType == r"ORIGINAL\PRIMARY"')
    assert holds(r'ImageType contains r"ORIGINAL\PRIMARY"')


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("", 1, "expected a value"),
        ("pdu.type ==", 12, "expected a value"),
        ("pdu.tpye == 4", 1, "did you mean pdu.type?"),
        ("pdu.type == 4 and PatientNmae == x", 19, "did you mean PatientName?"),
        ("patna", 1, "any contains"),
        ("Sequence.PatientID == 1", 1, "Sequence is no field"),
        ("ScheduledProcedureStepSequence[0].Modaliti == CT", 35, "did you mean Modality?"),
        ("(pdu.type == 4", 1, "not closed"),
        ("pdu.type == 4)", 14, "a bracket is closed"),
        ("pdu.type == 4 pdu.len", 15, "expected and, or"),
        ('PatientName == "Doe', 16, "this quotation mark is not closed"),
        ("pdu.type in 4", 13, "a set of values"),
        ("pdu.type in {4", 15, "a closing brace"),
        ("dimse.status == warnig", 17, "did you mean warning?"),
        ("pdu.type == P-DAT-TF", 13, "did you mean P-DATA-TF?"),
        ("problem == stream-gapp", 12, "did you mean stream-gap?"),
        ("ip.addr == 127.0.0", 12, "no address"),
        ('PatientName matches "a(b"', 23, "no regular expression"),
        ("pdu.type:vr == 1", 1, "only an element has :vr"),
        ("len(4) > 1", 5, "len( ) takes one field"),
        ("1 == 2", 1, "a test begins with a field"),
        ("pdu > abc", 7, "pdu is a number, abc is none"),
        ("pdu == 1_0", 8, "pdu is a number, 1_0 is none"),
        ("pdu == \u0663", 8, "pdu is a number, \u0663 is none"),
        ("pdu in {3-6}", 9, "a range is 3..6"),
        ("dimse.time > 5ms", 14, "5ms is none"),
        ("len(PatientName) > a", 20, "is a number"),
        ("dimse.status > failure", 16, "no order"),
        ('pdu.len contains "9"', 1, "any contains"),
        ("PatientID:foo == x", 10, ":foo is none of :raw"),
        ("dimse.status = 0", 14, "write =="),
        ("pdv.flags & 1", 11, "no operations on bits"),
        ("pdu.len == pdv.len + 4", 20, "no arithmetic"),
        ("foo(PatientName) == 1", 4, "no such function"),
        ("any PatientSex == O", 5, "write == where one"),
        ('PatientName like "D*"', 13, "write contains"),
        ("0010,0020 == x", 5, "stands in brackets"),
        ("ScheduledProcedureStepSequence[-1].Modality", 35, "counted from 0"),
        ('sop.class == "CT Image Storge"', 14, 'did you mean "CT Image Storage"?'),
        ("sop.class == CT", 14, "contains asks for a part"),
        ("problem == zzz", 12, "there are"),
        ('any matches "a{99999999999999}"', 13, "too many"),
        ('any matches "' + "(" * 800 + '"', 13, "regular expression"),
        ("PatientName[99999999999999999999] == 1", 12, "a slice is"),
        ("ip.addr < 10.0.0.0/8", 11, "is a network"),
        ("MessageID == abc", 14, "MessageID is a number"),
        ("not " * 200 + "pdu", 401, "nest more than"),
        ("PatientName[x] == a", 12, "a slice is [first:count]"),
    ],
)
def test_an_error_points_at_its_column(text: str, column: int, told: str) -> None:
    found, sentence = blame(text)
    assert told in sentence
    assert found == column


def test_a_filter_on_what_is_known_without_them_decodes_no_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[object] = []
    walk_all = elements.Walk.run

    def watch(walk: elements.Walk) -> None:
        walked.append(walk)
        walk_all(walk)

    monkeypatch.setattr(elements.Walk, "run", watch)
    for text in ("pdu.type == 4", "dimse.cmd == C-FIND-RSP", "dimse.time > 1", "tcp.port == 104", "msg(dimse.cmd)"):
        find(text)
    assert walked == []
    find("PatientID")
    assert walked


WORDS = st.sampled_from(
    ["pdu.type", "PatientID", "(0010,0020)", "==", "!=", "in", "{", "}", "(", ")", "and", "or", "not", "1", '"x"', "..",
     ",", "msg(", "item(", "len(", ":raw", "[0:1]", ".", "matches", "~", "dimse.status", "pending", "\\", '"', "é"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.lists(WORDS, max_size=8).map("".join) | st.text(max_size=30))
def test_any_text_is_a_filter_or_is_blamed(text: str) -> None:
    column = 1
    try:
        Filter(text)
    except QueryError as error:
        column = error.column
    assert 1 <= column <= len(text) + 2


def test_a_column_gives_all_values_of_a_pdu() -> None:
    columns = [
        Column(name)
        for name in ("pdu.type", "dicom.pdu.type", "dimse.status", "dimse.status.text", "PatientID", "ip.src")
    ]
    found = {s.arrival.number: [column.find(s) for column in columns] for s in Reading(Capture(WORKLIST), Config())}
    assert found[11] == [["P-DATA-TF"], [4], ["0000"], ["Success"], [], ["127.0.0.1"]]
    assert found[8][4] == ["SYN-0002"]
    assert len(set(Column("CodeValue").find(next(iter(Reading(Capture(WORKLIST), Config(), Filter("pdu == 8"))))))) == 3


def test_a_column_without_a_name_is_blamed() -> None:
    for text in ("", "1.2", "PatientID == 1", "pdu.tpye"):
        with pytest.raises(QueryError):
            Column(text)


def test_a_binary_value_has_its_bytes() -> None:
    path = CAPTURES / "c-store.pcap"
    assert find("PixelData contains 00:00 and len(PixelData) == 8192", path) == [6]
    [subject] = Reading(Capture(path), Config(), Filter("PixelData:raw[0:2] == 30:f8"))
    columns = ("PixelData", "PixelData:raw[0:2]", "Rows", "len(Rows)", "PixelSpacing")
    assert [Column(name).find(subject) for name in columns[:3]] == [["8192 bytes"], ["30f8"], [64]]


def test_two_elements_of_many_values_are_compared_in_one_go() -> None:
    values = b"".join(number.to_bytes(2, "little") for number in range(20_000))
    data = build.element(0x00281101, "US", values) + build.element(0x00281102, "US", values[::-1])
    capture = open_bytes(build.pcap(build.store_talk(data).frames))
    for text in ("(0028,1101) == (0028,1102)", "(0028,1101) !== (0028,1102)", "(0028,1101) < (0028,1102)"):
        assert list(Reading(capture.again(), Config(), Filter(text)))
    assert not list(Reading(capture.again(), Config(), Filter("(0028,1101) === (0028,1102)")))


@pytest.mark.parametrize(
    ("text", "deep"),
    [
        ("pdu == 1", False),
        ("any contains a", True),
        ("dicom.any contains a", True),
        ("dicom.tag", True),
        ("PatientID", True),
    ],
)
def test_a_filter_knows_whether_data_sets_are_decoded_for_it(text: str, deep: bool) -> None:
    assert Filter(text).deep == deep
