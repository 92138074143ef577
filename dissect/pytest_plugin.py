"""Two captures or snapshots, in: a test that fails with what differs between them, or a snapshot written anew, out.

It imports nothing of the package but itself before a test compares. What a test says does not depend on who runs it:
no user's configuration file is read, only the one that the project's own `dicom_diff_config` names.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dissect.config import Config
    from dissect.diff.comparison import Comparison
    from dissect.differing import DiffSettings, Profile, Weight

UPDATE, SETTINGS = "--dicom-snapshot-update", "dicom_diff_config"
"""The option that writes snapshots, and the setting that names a file with a table `[diff]`."""

LONGEST_WAIT, PAUSE = 200, 0.05
"""How often, and after how many seconds each, a snapshot is looked at that another process writes."""

CAPTURES = (".pcap", ".pcapng", ".cap", ".gz")
"""What no snapshot's name ends in, so that one of a capture which is not there is not taken for one to write."""

WRITTEN = pytest.StashKey[list[str]]()
"""The snapshots that were written in this process; the one that has workers has theirs, too."""

Rules = str | Iterable[str]
"""A path, tag, keyword, `VR:xx`, `GROUP:xxxx` or `private`, or several of them."""


class SameDicom:
    """Compares captures and snapshots for the tests of a session.

    Parameters
    ----------
    config
        Pytest's.
    folder
        Where all processes of the session keep which snapshots they have written.

    """

    def __init__(self, config: pytest.Config, folder: Path) -> None:
        """Read the settings when they are needed."""
        self._pytest = config
        self._folder = folder
        self._loaded: Config | None = None

    def __call__(
        self,
        old: str | os.PathLike[str],
        new: str | os.PathLike[str],
        *,
        ignore: Rules = (),
        only: Rules = (),
        ignore_order: bool = False,
        mask_dates: bool = False,
        profile: "Profile" = "default",
        fail_on: "Weight" = "change",
        pairs: Iterable[tuple[int, int]] = (),
        timing: float = 0.0,
        allow_gaps: bool = False,
        notes: bool = False,
    ) -> None:
        """Fail the test unless two exchanges mean the same, but for what the options leave out.

        Parameters
        ----------
        old, new
            Paths of captures or snapshots. An old one that is a snapshot, or is not there, is written from the new
            one where `--dicom-snapshot-update` asks for it.
        ignore, only
            What is left out, and what alone is compared.
        ignore_order
            Whether associations, operations, and the responses of one, may come in any order.
        mask_dates
            Whether dates and times are left out.
        profile
            `default`, `strict` or `structure`.
        fail_on
            The least that fails: `note`, `change` or `break`.
        pairs
            Numbers of associations, old and new, that stand for each other.
        timing
            How many times as long a response may take, from 1; 0 for as long as it likes.
        allow_gaps
            Whether operations of which a capture lacks bytes are compared as far as they are there.
        notes
            Whether notes are shown.

        """
        __tracebackhide__ = True
        from dissect import config, differing  # noqa: PLC0415 (not before a test compares)

        try:
            settings = differing.DiffSettings(
                ignore=list_rules(ignore),
                only=list_rules(only),
                ignore_order=ignore_order,
                mask_dates=mask_dates,
                profile=config.check_choice(differing.PROFILES, profile),
                fail_on=config.check_choice(differing.WEIGHTS, fail_on),
                pairs=tuple(pairs),
                timing=config.check_ratio(timing) if timing else 0.0,
                allow_gaps=allow_gaps,
                notes=notes,
            )
        except ValueError as error:
            failure = f"assert_same_dicom: {error}"
        else:
            failure = self._judge(os.fspath(old), os.fspath(new), settings)
        if failure:
            pytest.fail(failure, pytrace=False)

    def _judge(self, old: str, new: str, said: "DiffSettings") -> str:
        """Compare two exchanges, or write the old one; give why the test fails, '' where it does not."""
        from dissect.capture.records import CaptureError  # noqa: PLC0415
        from dissect.config import ConfigError  # noqa: PLC0415 (not before a test compares)
        from dissect.diff.comparison import DiffError  # noqa: PLC0415
        from dissect.diff.loading import compare_files  # noqa: PLC0415
        from dissect.diff.masks import MaskError  # noqa: PLC0415
        from dissect.diff.snapshots import Snapshot, SnapshotError  # noqa: PLC0415
        from dissect.text import escape  # noqa: PLC0415

        is_missing = not Path(old).exists() and not old.endswith(CAPTURES)
        try:
            config = self._load_config()
            settings = config.diff.join(said)
            if self._pytest.getoption(UPDATE) and (masks := read_masks(old, missing=is_missing)) is not None:
                return self._update(old, new, settings, masks)
            if is_missing:
                return escape(f"{old}: no such file; pytest {UPDATE} writes it from {new}")
            comparison = compare_files(old, new, settings, config)
            told = tell(comparison, settings)
            more = f"\n{UPDATE} writes {escape(old)} anew" if told and isinstance(comparison.old, Snapshot) else ""
            return told + more
        except OSError as error:
            return escape(f"{old}: {error.strerror or error}")
        except (CaptureError, ConfigError, DiffError, MaskError, SnapshotError) as error:
            return escape(str(error))

    def _load_config(self) -> "Config":
        """Load the file that the project's configuration of pytest names; without one, give the defaults."""
        if self._loaded is None:
            from dissect.config import ConfigError, load_config  # noqa: PLC0415 (not before a test compares)
            from dissect.dicom.values import add_private  # noqa: PLC0415

            name = self._pytest.getini(SETTINGS)
            path = self._pytest.rootpath / name if name else None
            if path is not None and not path.is_file():
                raise ConfigError(f"{path}: no such file; check {SETTINGS}")
            self._loaded = load_config(path)
            add_private(self._loaded.private)
        return self._loaded

    def _update(self, old: str, new: str, settings: "DiffSettings", masks: tuple[str, ...]) -> str:
        """Write a snapshot, unless another test of the session has: then compare with what that one wrote."""
        from dissect.diff.comparison import Comparison  # noqa: PLC0415 (not before a test compares)
        from dissect.diff.loading import load_exchange, make_rules  # noqa: PLC0415
        from dissect.diff.snapshots import Snapshot, write_snapshot  # noqa: PLC0415
        from dissect.shelf import Draft  # noqa: PLC0415
        from dissect.text import escape  # noqa: PLC0415

        exchange = load_exchange(new, self._load_config())
        rules = make_rules(replace(settings, ignore=(*settings.ignore, *masks)))
        if (gaps := exchange.list_gaps()) and not settings.allow_gaps:
            return tell_gap(exchange.name, gaps)
        text = "".join(write_snapshot(exchange, rules.masks))
        path, digest = Path(old).resolve(), hashlib.sha256(text.encode()).hexdigest()
        claim = self._folder / hashlib.sha256(os.fsencode(path)).hexdigest()
        self._folder.mkdir(exist_ok=True)
        with Draft(self._folder) as draft:
            draft.file.write(digest.encode())  # not the text: pytest keeps the folder, and patients have names
            if draft.publish(claim):
                self._write(path, text)
                return ""
        if claim.read_text() == digest:
            return ""
        earlier = Snapshot(old, wait_for(path, claim.read_text()))
        told = tell(Comparison(earlier, exchange, make_rules(settings, [earlier])), settings)
        return f"{told}\n{escape(old)} was written from another capture in this run" if told else ""

    def _write(self, path: Path, text: str) -> None:
        """Write a snapshot, whole or not at all; one that says the same is left as it is."""
        from dissect.shelf import replace_file  # noqa: PLC0415 (not before a test compares)

        if path.exists() and path.read_bytes() == text.encode():
            return
        replace_file(path, text.encode())
        self._pytest.stash[WRITTEN].append(str(path))


def wait_for(path: Path, digest: str) -> str:
    """Give the text of a snapshot that another process is about to write, by its SHA-256."""
    for _ in range(LONGEST_WAIT):
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() == digest:
            break
        time.sleep(PAUSE)
    return data.decode()


def list_rules(rules: Rules) -> tuple[str, ...]:
    """Give one rule or several as several."""
    return (rules,) if isinstance(rules, str) else tuple(rules)


def read_masks(name: str, *, missing: bool) -> tuple[str, ...] | None:
    """Give the masks that a snapshot names, which it keeps when it is written anew; None where it is a capture."""
    from dissect.diff.loading import read_snapshot  # noqa: PLC0415 (not before a test compares)

    text = "" if missing else read_snapshot(name)
    if text is None:
        return None
    return tuple(line.removeprefix("ignore ") for line in text.splitlines() if line.startswith("ignore "))


def tell(comparison: "Comparison", settings: "DiffSettings") -> str:
    """Tell what differs, '' where nothing does that matters."""
    from dissect.text import escape  # noqa: PLC0415 (not before a test compares)
    from dissect.views.differences import Writer  # noqa: PLC0415
    from dissect.views.paint import PLAIN  # noqa: PLC0415

    old, new = comparison.old, comparison.new
    for exchange in (old, new):
        for fault in exchange.faults:
            sys.stderr.write(f"dissect: {escape(f'{exchange.name}: {fault}')}\n")
    if comparison.gaps and not settings.allow_gaps:
        exchange = comparison.gaps[0][0]
        return tell_gap(exchange.name, [path for each, path in comparison.gaps if each is exchange])
    if not any(each.reaches(settings.fail_on) for each in comparison):
        return ""
    text = "".join(Writer(comparison, PLAIN, notes=settings.shows_notes).write_text())
    return f"{escape(old.name)} and {escape(new.name)} differ\n{text}".rstrip()


def tell_gap(name: str, paths: list[str]) -> str:
    """Tell that a capture lacks bytes."""
    from dissect.text import escape  # noqa: PLC0415 (not before a test compares)

    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return escape(f"{name}: bytes of {paths[0]}{more} are lost; allow_gaps=True takes what is there")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes snapshots, and the setting that names the rules of all comparisons."""
    about = "write the snapshots that assert_same_dicom compares with anew"
    parser.getgroup("dissect", "DICOM captures").addoption(UPDATE, action="store_true", help=about)
    parser.addini(SETTINGS, "a TOML file, relative to the root, with a table [diff] for assert_same_dicom", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with no snapshot written."""
    config.stash[WRITTEN] = []


@pytest.fixture(scope="session")
def assert_same_dicom(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> SameDicom:
    """Compare two DICOM captures or snapshots by meaning: assert_same_dicom(old, new, ignore=..., ...)."""
    base = tmp_path_factory.getbasetemp()
    is_worker = hasattr(pytestconfig, "workerinput")  # one of pytest-xdist's, whose folder is in that of all
    return SameDicom(pytestconfig, (base.parent if is_worker else base) / "dicom-snapshots")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the names of the snapshots that a worker of pytest-xdist has written to the process that started it."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["dicom_snapshots"] = session.config.stash[WRITTEN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take the names of the snapshots that a worker has written; one that has died tells none."""
    config: pytest.Config = getattr(node, "config")  # noqa: B009 (a class of pytest-xdist, which may not be there)
    config.stash[WRITTEN] += getattr(node, "workeroutput", {}).get("dicom_snapshots", [])


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Tell how many snapshots were written."""
    if config.getoption(UPDATE):
        count = len(config.stash[WRITTEN])
        terminalreporter.write_line(f"{count} DICOM snapshot{'' if count == 1 else 's'} written")
