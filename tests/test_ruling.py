"""Rules of comparisons that are written to a configuration file, in which all else stays as it was."""

import os
import stat
import tomllib
from pathlib import Path

import platformdirs
import pytest

from dissect.config import load_config
from dissect.diff.ruling import RulingError, add_rule, find_place, insert_rule

RULE = "association.*/c-store-rq.*/data-set/0008,0020"
LONG = [f"association.*/c-store-rq.*/data-set/0008,{number:04x}" for number in range(3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine\n",
        "# mine\n[ports]\ndicom = [4242] # lab\n\n[[colors]]\nname = 'x'\nfilter = 'assoc'\nrole = 'dim'\n",
        "[diff]\nnotes = true # all\n\n[keys]\nup = 'k'\n",
        "[diff]\nignore = [\n  # dates\n  'VR:DA', # all\n]\n",
        "[diff]\nignore = [\n  'VR:DA'\n]\n[keys]\nup = 'k'\n",
        "[diff]\r\nignore = ['VR:DA',]\r\n",
        "diff.notes = true\n",
        "diff = {notes = true}\n",
        f"[diff]\nignore = {LONG}\n",
    ],
)
def test_a_rule_is_added_and_all_else_stays(text: str) -> None:
    written = insert_rule(text, RULE)
    assert written is not None
    before, after = tomllib.loads(text), tomllib.loads(written)
    assert after["diff"]["ignore"] == [*before.get("diff", {}).get("ignore", []), RULE]
    after["diff"].pop("ignore")
    before.setdefault("diff", {}).pop("ignore", None)
    assert after == before
    for comment in ("# mine", "# lab", "# all", "# dates"):
        assert (comment in written) == (comment in text)
    assert ("\r\n" in written) == ("\r\n" in text)


def test_a_long_list_gets_a_line_a_rule() -> None:
    written = insert_rule(f"[diff]\nignore = {LONG}\n", RULE)
    assert written is not None
    assert f'    "{RULE}",\n' in written


def test_a_rule_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert add_rule(path, RULE)
    before = path.read_bytes()
    assert not add_rule(path, RULE)
    assert path.read_bytes() == before
    assert load_config(path).diff.ignore == (RULE,)


def test_a_quotation_mark_or_control_character_in_a_rule_is_written_safely(tmp_path: Path) -> None:
    rule = 'association.*/"\n\x1b]\\'
    add_rule(tmp_path / "config.toml", rule)
    assert load_config(tmp_path / "config.toml").diff.ignore == (rule,)


def test_the_file_is_replaced_in_one_step_with_its_rights_and_behind_its_link(tmp_path: Path) -> None:
    folder = tmp_path / "dotfiles"
    folder.mkdir()
    (folder / "own.toml").write_text("# mine\n")
    (folder / "own.toml").chmod(0o640)
    link = tmp_path / "config.toml"
    link.symlink_to(folder / "own.toml")
    add_rule(link, RULE)
    assert link.is_symlink()
    assert stat.S_IMODE((folder / "own.toml").stat().st_mode) == 0o640
    assert (folder / "own.toml").read_text().startswith("# mine\n")
    assert os.listdir(folder) == ["own.toml"]


def test_folders_that_are_not_there_are_made(tmp_path: Path) -> None:
    add_rule(tmp_path / "a" / "b" / "config.toml", RULE)
    assert load_config(tmp_path / "a" / "b" / "config.toml").diff.ignore == (RULE,)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"[diff\n", "config.toml: "),
        (b"\xff", "config.toml: "),
        (b"diff = 3\n", "diff is not a table"),
        (b"[diff]\nignore = 'VR:DA'\n", "diff.ignore is not a list"),
    ],
)
def test_a_file_that_holds_something_else_stays_as_it_is(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    with pytest.raises(RulingError, match=told):
        add_rule(path, RULE)
    assert path.read_bytes() == data


def test_a_file_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the rights do not bind who runs tests as root
    with pytest.raises(RulingError, match="may not be written"):
        add_rule(path, RULE)


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulingError, match="Is a directory"):
        add_rule(tmp_path, RULE)
    assert os.listdir(tmp_path) == []


def test_the_place_is_the_file_that_is_named_or_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_place(tmp_path / "project.toml") == tmp_path / "project.toml"
    monkeypatch.setenv("DISSECT_CONFIG", str(tmp_path / "named.toml"))
    assert find_place() == tmp_path / "named.toml"
    monkeypatch.delenv("DISSECT_CONFIG")
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: tmp_path)
    assert find_place() == tmp_path / "config.toml"


@pytest.mark.parametrize(
    ("value", "told"), [("", "no settings file"), ("~no-such-user/c.toml", "check DISSECT_CONFIG")]
)
def test_where_there_is_to_be_no_file_that_is_said(monkeypatch: pytest.MonkeyPatch, value: str, told: str) -> None:
    monkeypatch.setenv("DISSECT_CONFIG", value)
    with pytest.raises(RulingError, match=told):
        find_place()
