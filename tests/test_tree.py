"""The tree of captures that real peers made: where each node stands, and which bytes it shows."""

import re
import zlib
from pathlib import Path

import pytest

from dissect import tree
from dissect.capture.segments import Capture
from dissect.cli import main
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.node import Node
from dissect.spans import Buffer
from dissect.tree import make_tree
from dissect.views.text import show_node
from tests import build
from tests.conftest import ROOT

CAPTURES = ROOT / "captures"
SCENE = """\
DICOM, C-FIND-RSP-DATA
    PDU Type: Data (0x04)
    PDU Length: 112
    PDV, C-FIND-RSP-DATA
        PDV Length: 108
        Context: 0x01 (Implicit VR Little Endian: Default Transfer Syntax for DICOM, \
Patient Root Query/Retrieve Information Model - FIND)
        Flags: 0x02 (Data, Last Fragment)
        (0008,0052)          8 Query/Retrieve Level                          PATIENT
        (0008,0070)         20 Manufacturer                                  Siemens Healthineers
        (0008,1090)         24 Manufacturer's Model Name                     SOMATOM Definition Edge
            [Warning: the response holds what was not asked for, \
(0008,1090) Manufacturer's Model Name, (0010,0010) Patient's Name \
(PS3.4 Annex C.4.1.1.3.2)]
        (0010,0010)          8 Patient's Name                                John^Doe
        (0010,0020)          6 Patient ID                                    123456
"""


def read_tree(path: Path) -> Node:
    """Read a capture as its tree."""
    return make_tree(Associations(Capture(path), Config()))


def read_talk(folder: Path, talk: build.Talk) -> Node:
    """Read a conversation as its tree."""
    path = folder / f"{len(talk.frames)}.pcap"
    path.write_bytes(build.pcap(talk.frames))
    return read_tree(path)


def find(root: Node, path: str) -> Node:
    """Give the node at a path."""
    return next(node for _, node in root.walk() if node.path == path)


@pytest.fixture(scope="module")
def stored() -> Node:
    return read_tree(CAPTURES / "c-store.pcap")


def test_the_scene_is_shown_as_wireshark_shows_it() -> None:
    node = find(read_tree(CAPTURES / "c-find.pcap"), "association.1/p-data-tf.4")
    assert [line.rstrip() for line in show_node(node)] == SCENE.splitlines()


def test_an_element_is_found_by_its_path_and_gives_its_bytes(stored: Node) -> None:
    node = find(stored, "association.1/p-data-tf.4/pdv.1/0008,0070")
    assert node.span is not None
    assert (node.name, node.vr, node.length, node.value) == ("Manufacturer", "LO", 16, "Example Imaging ")
    assert node.span.read() == b"\x08\x00\x70\x00\x10\x00\x00\x00Example Imaging "
    assert node.span.frames() == [10]


def test_an_element_in_a_nested_sequence_is_found_by_its_path(stored: Node) -> None:
    path = "association.1/p-data-tf.4/pdv.1/0040,0555/item.1/0040,a043/item.1/0008,0104"
    assert find(stored, path).value == "Comment "


def test_paths_are_unique(stored: Node) -> None:
    paths = [node.path for _, node in stored.walk()]
    assert len(paths) == len(set(paths))


def test_groups_have_no_span_and_all_that_was_read_has_one(stored: Node) -> None:
    without = {node.layout for _, node in stored.walk() if node.span is None}
    assert without == {"block", "generated"}
    assert all(
        node.key in ("", "association.1") for _, node in stored.walk() if node.span is None and node.layout == "block"
    )


@pytest.mark.parametrize("capture", sorted(CAPTURES.glob("*.pcap*")), ids=lambda path: path.name)
def test_each_span_gives_from_the_file_the_bytes_it_shows(capture: Path) -> None:
    data = capture.read_bytes()
    for _, node in read_tree(capture).walk():
        if node.span is not None and not isinstance(node.span.source, Buffer):  # inflated data is nowhere in the file
            assert b"".join(data[end.start : end.stop] for end in node.span.ends()) == node.span.read()
            if isinstance(node.value, str) and node.value.isascii() and node.layout == "element":
                assert node.value.encode() in node.span.read() or "\\x" in node.value or "\x1b" in node.value


def test_a_gap_in_pixel_data_costs_one_field_and_is_noted(tmp_path: Path) -> None:
    data = build.text(0x00100020, "LO", "P1") + build.element(0x7FE00010, "OW", bytes(6000))
    data += build.text(0xFFFCFFFC, "LO", "behind")
    talk = build.store_talk(data)
    whole = read_talk(tmp_path, talk)
    lost = next(index for index, frame in enumerate(talk.frames) if len(frame.data) > 1400 and index > 6)
    del talk.frames[lost]
    holed = read_talk(tmp_path, talk)
    assert {node.path for _, node in holed.walk()} == {node.path for _, node in whole.walk()}
    noted = [(node.key, found.code) for _, node in holed.walk() for found in node.notes]
    assert noted == [("p-data-tf.2", "stream-gap"), ("pdv.1", "stream-gap"), ("7fe0,0010", "stream-gap")]


def test_a_pdu_whose_header_is_lost_costs_no_other(tmp_path: Path) -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for number in range(1, 4):
        talk.request(*build.message(1, build.c_echo_rq(number))).answer(*build.message(1, build.c_echo_rsp(number)))
    talk.release()
    del talk.frames[7]
    (association,) = read_talk(tmp_path, talk).children
    assert [node.text for node in association.children if "RQ" in node.text or "missing" in node.text] == [
        "C-ECHO-RQ ID=1",
        "80 of 80 bytes missing",
        "C-ECHO-RQ ID=3",
    ]


def test_a_context_is_resolved_by_an_answer_that_comes_after_the_data(tmp_path: Path) -> None:
    data = build.text(0x00100020, "LO", "P1", syntax=build.EXPLICIT)
    command = build.c_store_rq(1, build.CT_IMAGE_STORAGE, build.SOP_INSTANCE)
    talk = build.Talk().open().request(build.associate_rq([(1, build.CT_IMAGE_STORAGE, (build.EXPLICIT,))]))
    talk.request(*build.message(1, command, data)).answer(build.associate_ac([(1, 0, build.EXPLICIT)])).close()
    root = read_talk(tmp_path, talk)
    assert (
        find(root, "association.1/p-data-tf.2/pdv.1/context").text
        == "0x01 (Explicit VR Little Endian, CT Image Storage)"
    )
    assert find(root, "association.1/p-data-tf.2/pdv.1/0010,0020").value == "P1"


def test_nobody_is_blamed_for_a_pdu_that_the_capture_ends_in(tmp_path: Path) -> None:
    data = build.text(0x00100020, "LO", "P1") + build.element(0x7FE00010, "OW", bytes(6000))
    talk = build.store_talk(data)
    del talk.frames[9:]
    notes = {found.code for _, node in read_talk(tmp_path, talk).walk() for found in node.notes}
    assert notes == {"pdu-cut"}


def store_with_syntax(folder: Path, data: bytes, syntax: str) -> Node:
    """Read a C-STORE of a data set as bytes in a context of a transfer syntax."""
    return read_talk(folder, build.store_talk(data, syntax=syntax))


def test_a_deflated_data_set_is_inflated_and_its_elements_point_at_the_frames(tmp_path: Path) -> None:
    data = build.text(0x00100010, "PN", "Doe^John", syntax=build.EXPLICIT)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    root = store_with_syntax(tmp_path, packer.compress(data) + packer.flush(), "1.2.840.10008.1.2.1.99")
    node = find(root, "association.1/p-data-tf.2/pdv.1/0010,0010")
    assert (node.value, node.span and node.span.frames()) == ("Doe^John", [7])


def test_what_cannot_be_inflated_is_noted_and_what_could_is_shown(tmp_path: Path) -> None:
    data = build.text(0x00100010, "PN", "Doe^John", syntax=build.EXPLICIT)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\xff\xff"
    root = store_with_syntax(tmp_path, packed, "1.2.840.10008.1.2.1.99")
    assert find(root, "association.1/p-data-tf.2/pdv.1/0010,0010").value == "Doe^John"
    assert "not-inflated" in {found.code for _, node in root.walk() for found in node.notes}


def test_a_data_set_in_another_syntax_than_agreed_is_read_and_noted(tmp_path: Path) -> None:
    data = build.text(0x00080016, "UI", "1.2.3") + build.text(0x00100010, "PN", "Doe^John")
    root = store_with_syntax(tmp_path, data, build.EXPLICIT)
    assert find(root, "association.1/p-data-tf.2/pdv.1/0010,0010").value == "Doe^John"
    assert [found.code for found in find(root, "association.1/p-data-tf.2/pdv.1").notes] == ["other-syntax"]


def test_private_elements_have_the_names_of_their_creator(tmp_path: Path) -> None:
    data = build.text(0x00290010, "LO", "SIEMENS CSA HEADER") + build.element(0x00291010, "OB", bytes(4))
    node = find(store_with_syntax(tmp_path, data, build.IMPLICIT), "association.1/p-data-tf.2/pdv.1/0029,1010")
    assert (node.name, node.vr, node.wire_vr) == ("[CSA Image Header Info]", "OB", "")


def test_a_context_that_was_not_agreed_in_the_capture_is_inferred_and_marked_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for syntax, told in (
        (build.IMPLICIT, "Implicit VR Little Endian"),
        (build.EXPLICIT, "Explicit VR Little Endian"),
        (build.BIG_ENDIAN, "Explicit VR Big Endian"),
    ):
        data = build.text(0x00080060, "CS", "CT", syntax=syntax) + build.text(0x00100020, "LO", "1", syntax=syntax)
        path = tmp_path / "late.pcap"
        path.write_bytes(build.pcap(build.store_talk(data, syntax=syntax).frames[5:]))
        assert main(["show", str(path)]) == 0
        printed = capsys.readouterr().out
        assert "        [Inferred context: CT Image Storage]\n" in printed
        assert re.search(f" {{8}}\\[Inferred context: {told}.*, CT Image Storage\\]\n {{8}}\\(0008,0060\\)", printed)
        assert "found by looking" in printed


def test_a_context_that_was_agreed_is_not_inferred(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(CAPTURES / "c-store.pcap")]) == 0
    assert "Inferred" not in capsys.readouterr().out


def test_more_pdvs_than_anyone_sends_are_left_as_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_PDVS", 3)
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(build.p_data(*[build.pdv(1, 0, b"")] * 5))
    root = read_talk(tmp_path, talk)
    node = find(root, "association.1/p-data-tf.1")
    assert [child.key for child in node.children][-4:] == ["pdv.1", "pdv.2", "pdv.3", "undecoded-bytes"]
    assert [found.code for found in node.children[-1].notes] == ["too-many-pdvs"]
