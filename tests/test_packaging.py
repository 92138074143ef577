"""What is packed: wheel and sdist, manual page, scripts, dependencies; and packages of the same import name."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

import dissect
from dissect.cli import strangers
from docs.manual import SCRIPTS, make_files
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OTHERS = shutil.ignore_patterns(".git", ".venv", ".hypothesis", ".*_cache", "__pycache__", "*.egg-info", "dist")
"""What stands in a folder where somebody works, but is no part of the project."""


def build(source: Path, target: Path) -> list[Path]:
    """Build wheel and sdist of a copy of the project."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1764374400"}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    return sorted(target.iterdir())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    """Give what two builds of two copies yield, the second of files that were written at other times."""
    if find_spec("hatchling") is None:
        pytest.skip("no hatchling: pip install hatchling")
    results: list[list[Path]] = []
    for name in ("one", "two"):
        folder = tmp_path_factory.mktemp(name)
        shutil.copytree(ROOT, folder / name, ignore=OTHERS, copy_function=shutil.copy2 if results else shutil.copy)
        results.append(build(folder / name, folder / "dist"))
    return results


def list_wheel(built: list[list[Path]]) -> set[str]:
    """Return the names in the wheel."""
    [wheel] = [path for path in built[0] if path.suffix == ".whl"]
    return set(ZipFile(wheel).namelist())


def list_sdist(built: list[list[Path]]) -> set[str]:
    """Return the names in the sdist, below its folder."""
    [sdist] = [path for path in built[0] if path.name.endswith(".tar.gz")]
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_two_builds_yield_the_same_bytes(built: list[list[Path]]) -> None:
    one, two = built
    assert [path.name for path in one] == [path.name for path in two]
    assert len(one) == 2
    for first, second in zip(one, two, strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_the_wheel_holds_the_package_and_what_systems_share_and_no_more(built: list[list[Path]]) -> None:
    names = list_wheel(built)
    base = f"dicom_dissect-{dissect.__version__}"
    package = {name for name in names if name.startswith("dissect/")}
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dissect").rglob("*") if path.is_file()}
    assert package == {name for name in there if "__pycache__" not in name}
    assert {"dissect/py.typed", "dissect/schemas/list.json"} <= package
    shared = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert {name for name in names if name.startswith(f"{base}.data/")} == {
        f"{base}.data/data/{target}" for target in shared.values()
    }
    assert all(name.startswith(("dissect/", f"{base}.dist-info/", f"{base}.data/")) for name in names)


def test_the_sdist_holds_what_the_documents_and_the_tests_ask_for(built: list[list[Path]]) -> None:
    names = list_sdist(built)
    for folder in ("benchmarks", "captures", "dissect", "docs", "tests"):
        there = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert {name for name in there if "__pycache__" not in name} <= names
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "RELEASING.md", "pyproject.toml"} <= names
    assert {".ci/check", ".ci/run", "PKG-INFO"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/"))]


def test_a_wheel_built_of_the_sdist_is_the_wheel(built: list[list[Path]], tmp_path: Path) -> None:
    [sdist] = [path for path in built[0] if path.name.endswith(".tar.gz")]
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "dist")
    assert [path.read_bytes() for path in again if path.suffix == ".whl"] == [
        path.read_bytes() for path in built[0] if path.suffix == ".whl"
    ]


def test_the_wheel_runs_from_where_it_is_unpacked(built: list[list[Path]], tmp_path: Path) -> None:
    [wheel] = [path for path in built[0] if path.suffix == ".whl"]
    ZipFile(wheel).extractall(tmp_path)
    done = run("schema", "list", path=tmp_path, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"$schema"' in done.stdout


VERSIONS = [each.rpartition(" ")[2] for each in PROJECT["project"]["classifiers"] if ":: 3." in each]
BROWSE = """
import asyncio, sys
from dissect.config import Config
from dissect.tui.app import Browser
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.state import State

async def browse():
    state = State([sys.argv[1]], Config())
    app = Browser(state)
    async with app.run_test(size=(140, 45)) as pilot:
        while not (isinstance(app.screen, CaptureScreen) and state.loading.over and app.screen.shown is not None):
            await pilot.pause(0.02)
        print(len(state.index), "PDUs")
    state.leave()

asyncio.run(asyncio.wait_for(browse(), 60))
"""


def find_python(version: str) -> str | None:
    """Find an interpreter of a version: one on the path, or one that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python")
    return next(map(str, kept), None) or shutil.which(f"python{version}")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_with_nothing_but_its_dependencies_works_on(
    version: str, built: list[list[Path]], tmp_path: Path
) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no python{version}: install it, or let pyenv install it")
    [wheel] = [path for path in built[0] if path.suffix == ".whl"]
    subprocess.run([python, "-m", "venv", str(tmp_path / "bare")], check=True)
    command = [str(tmp_path / "bare" / "bin" / "pip"), "install", "--quiet", str(wheel)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if "No matching distribution" in done.stderr:
        pytest.skip("no package index")
    assert done.returncode == 0, done.stderr
    environment = {"HOME": str(tmp_path), "PATH": f"{tmp_path / 'bare' / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def call(*words: str) -> str:
        """Run a command of the environment, and give what it prints."""
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    scene = str(ROOT / "captures" / "c-find.pcap")
    assert call("python", "--version").startswith(f"Python {version}.")
    assert call("dissect", "--version") == f"dissect {dissect.__version__}\n"
    assert "Siemens Healthineers" in call("dissect", "show", scene)
    assert call("dissect", "diff", scene, scene) == "no difference in 1 operation\n"
    store = str(ROOT / "captures" / "c-store.pcap")
    assert call("dissect", "export", store, "--to", "here") == "dissect: here: 1 object written, 0 of them partial\n"
    assert (tmp_path / "bare" / "share" / "man" / "man1" / "dissect.1").exists()
    assert call("python", "-W", "error", "-c", BROWSE, scene) == "9 PDUs\n"


@pytest.mark.parametrize("path", ["dissect.1", *SCRIPTS])
def test_the_manual_and_the_scripts_say_what_the_parser_says(path: str) -> None:
    written = (ROOT / "docs" / path).read_text(encoding="utf-8")
    assert written == make_files()[path], "python -m docs.manual writes them anew"


def test_the_manual_renders_without_a_warning() -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("no groff: apt-get install groff-base")
    command = [groff, "-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=100n", "docs/dissect.1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    assert "dissect list -Y 'msg(PatientID == \"123456\")' capture.pcap" in done.stdout
    assert [line for line in done.stdout.splitlines() if line[:1].isalpha()][1:-1] == [
        *("NAME", "SYNOPSIS", "DESCRIPTION", "VERBS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"),
    ]


def test_the_changelog_has_the_version_and_a_date() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(dissect.__version__)}\] - \d{{4}}-\d\d-\d\d", headings[1])


def test_each_dependency_is_imported_and_what_is_imported_is_a_dependency() -> None:
    imported = set()
    for path in (ROOT / "dissect").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                imported.add(node.module.partition(".")[0])
    homes = packages_distributions()
    foreign = imported - sys.stdlib_module_names - {"dissect"}
    needed = {re.split("[<>=]", line)[0] for line in PROJECT["project"]["dependencies"]}
    found = {homes[name][0] for name in foreign if name in homes}
    assert found - {"pytest", "rich"} == needed  # the plugin is pytest's own matter, and rich comes with textual


def run(*words: str, path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder, with another one first on Python's path."""
    environment = os.environ | {"PYTHONPATH": str(path)}
    command = [sys.executable, "-P", "-m", "dissect", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def imports(name: str, path: Path) -> bool:
    """Tell whether Python, with this folder first on its path, imports a module."""
    environment = os.environ | {"PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import {name}"], cwd=path, env=environment, check=False, stderr=-3
    )
    return done.returncode == 0


def install(folder: Path, *names: str, joint: str = "_") -> None:
    """Put into a folder what pip leaves of packages of Fox-IT's."""
    for name in names:
        (folder / "dissect" / name).mkdir(parents=True)
        (folder / "dissect" / name / "__init__.py").touch()
        (folder / f"dissect{joint}{name}-4.7.dist-info").mkdir()


def test_fox_its_packages_in_another_folder_are_told_of_once(tmp_path: Path) -> None:
    install(tmp_path, "cstruct", "util")
    done = run("schema", "list", path=tmp_path, folder=tmp_path)
    assert done.returncode == 0
    assert done.stderr == f"dissect: dissect.cstruct, dissect.util: {strangers.HIDDEN}; {strangers.REMEDY}\n"
    assert not imports("dissect.cstruct", tmp_path)


def test_fox_its_packages_in_our_folder_are_told_of_and_still_work(tmp_path: Path) -> None:
    install(tmp_path, "cstruct", "fve", "ntfs", "target", "util", joint=".")
    for path in (ROOT / "dissect").iterdir():
        if path.name != "__pycache__":
            (tmp_path / "dissect" / path.name).symlink_to(path)
    done = run("schema", "list", path=tmp_path, folder=tmp_path)
    assert done.returncode == 0
    names = "dissect.cstruct, dissect.fve, dissect.ntfs and 2 more"
    assert done.stderr == f"dissect: {names}: {strangers.BESIDE}; {strangers.REMEDY}\n"
    assert imports("dissect.cstruct", tmp_path)


def test_nothing_is_told_of_packages_that_have_but_a_similar_name(tmp_path: Path) -> None:
    for name in ("dissect_anything-1.0.dist-info", "dissect-3.22.dist-info", "dissector.dist-info", "dissect"):
        (tmp_path / name).mkdir()
    assert run("schema", "list", path=tmp_path, folder=tmp_path).stderr == ""


def test_folders_that_are_not_there_are_passed_over(tmp_path: Path) -> None:
    assert strangers.explain(["", str(ROOT), str(tmp_path / "nowhere"), str(tmp_path / "old.zip")]) == ""
