"""The configuration file: what can be set, and what is said of what cannot."""

from pathlib import Path

import pytest

from dissect.cli import main
from dissect.config import COLOR_RULES, DICOM_PORTS, ConfigError, find_config, load_config
from tests import build
from tests.conftest import ROOT

EXAMPLE = """
[ports]
dicom = [4242]

[columns]
list = ["pdu", "dimse.cmd", "PatientName"]

[check]
artim = 5
ignore = ["sent-again"]

[[colors]]
name = "slow"
filter = "dimse.time > 1"
role = "warning"

[private."ACME 1.0"]
"0029,xx10" = ["LO", "Gantry Mood"]
"""


def load(folder: Path, text: str) -> Path:
    """Write a configuration file."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_settings_are_taken(tmp_path: Path) -> None:
    config = load_config(load(tmp_path, EXAMPLE))
    assert config.ports == DICOM_PORTS | {4242}
    assert config.columns == ("pdu", "dimse.cmd", "PatientName")
    assert (config.artim, config.ignored) == (5.0, ("sent-again",))
    assert (config.with_artim(2.5).artim, config.with_artim(None)) == (2.5, config)
    assert config.colors[0].filter == "dimse.time > 1"
    assert config.colors[1:] == COLOR_RULES
    assert config.private == {"ACME 1.0": {"0029xx10": ("LO", "Gantry Mood")}}


def test_without_a_file_all_is_as_usual() -> None:
    config = load_config(None)
    assert (config.ports, config.columns, config.colors) == (DICOM_PORTS, (), COLOR_RULES)
    assert (config.artim, config.ignored) == (30.0, ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ports = 3", "ports is not a table"),
        ("[ports]\ndicom = [70000]", "numbers from 1 to 65535"),
        ("[ports]\ndicom = [true]", "numbers from 1 to 65535"),
        ("[ports]\ndicm = [104]", "ports.dicm: no such setting"),
        ("colour = 1", "colour: no such setting"),
        ("[columns]\nlist = 'pdu'", "a list of texts"),
        ("[[colors]]\nname = 'x'\nfilter = 'pdu'\nrole = 'pink'", "no role pink"),
        ("[[colors]]\nname = 'x'\nrole = 3", "role = 3"),
        ("[[colors]]\nname = 'x'", "filter"),
        ("[private.ACME]\n'0028,xx10' = ['LO', 'x']", "odd group"),
        ("[private.ACME]\n'0029,xx10' = ['lo', 'x']", '["VR", "Name"]'),
        ("[private.ACME]\n'0029,xx10' = ['LO']", "private"),
        ("[ports", "not TOML"),
        ("[check]\nartim = 0", "check.artim: wanted is a number above 0"),
        ("[check]\nartim = '5'", "check.artim: wanted is a number above 0"),
        ("[check]\nignore = 'x'", "check.ignore: wanted is a list of texts"),
        ("[check]\nonly = []", "check.only: no such setting; there are ports.dicom"),
        ("colors = 3", "a rule is a table"),
        ("private = 3", "a dictionary is a table"),
        ("[[colors]]\nname = 'x'", "a rule lacks filter, role"),
        ("[private.ACME]\n'0029,xx10' = ['ZZ', 'x']", '["VR", "Name"]'),
    ],
)
def test_what_cannot_be_used_is_named(text: str, told: str, tmp_path: Path) -> None:
    path = load(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISSECT_CONFIG", str(tmp_path / "other.toml"))
    assert find_config() == tmp_path / "other.toml"
    monkeypatch.setenv("DISSECT_CONFIG", "")
    assert find_config() is None
    monkeypatch.delenv("DISSECT_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert find_config() is None
    (tmp_path / "dissect").mkdir()
    load(tmp_path / "dissect", "")
    assert find_config() == tmp_path / "dissect" / "config.toml"


def test_a_file_that_is_not_there_is_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISSECT_CONFIG", str(tmp_path / "none.toml"))
    assert main(["list", str(ROOT / "captures" / "c-echo.pcap")]) == 2
    assert "none.toml: No such file or directory; check DISSECT_CONFIG" in capsys.readouterr().err


def test_columns_ports_and_private_names_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISSECT_CONFIG", str(load(tmp_path, EXAMPLE)))
    private = build.text(0x00290010, "LO", "ACME 1.0") + build.text(0x00291010, "LO", "calm")
    data = build.text(0x00100010, "PN", "Doe^Jane") + private
    talk = build.store_talk(data)
    path = tmp_path / "talk.pcap"
    path.write_bytes(build.pcap(talk.frames))
    assert main(["list", str(path)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["pdu", "dimse.cmd", "PatientName"]
    assert [line.split()[-1] for line in lines if "Doe" in line] == ["Doe^Jane"]
    assert main(["show", str(path)]) == 0
    assert "[Gantry Mood]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[columns]\nlist = ['pdu.tpye']", "columns.list: column 1: pdu.tpye is no field"),
        ("[[colors]]\nname = 'x'\nfilter = 'pdu.type =='\nrole = 'dim'", "colors: column 12"),
        (
            "[[colors]]\nname = 'x'\nfilter = 'assoc(pdu)'\nrole = 'dim'",
            "colors: column 1: assoc(pdu): a colour cannot wait",
        ),
    ],
)
def test_a_filter_or_a_field_that_cannot_be_read_is_blamed_on_the_file(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = load(tmp_path, text)
    monkeypatch.setenv("DISSECT_CONFIG", str(path))
    assert main(["list", "--color", "always", str(ROOT / "captures" / "c-echo.pcap")]) == 2
    assert f"{path}: {told}" in capsys.readouterr().err


def test_a_rule_of_the_same_name_takes_the_place_of_a_usual_one(tmp_path: Path) -> None:
    text = "[[colors]]\nname = 'data'\nfilter = 'pdu.type == 4'\nrole = 'dim'\non = false"
    rules = load_config(load(tmp_path, text)).colors
    assert [rule.name for rule in rules] == [rule.name for rule in COLOR_RULES if rule.name != "data"]


def test_a_home_that_is_not_there_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISSECT_CONFIG", "~no-such-user/config.toml")
    with pytest.raises(ConfigError, match="check DISSECT_CONFIG"):
        find_config()
