"""docs/architecture.md and the tables of CONTRIBUTING.md: what they say of modules, bounds and bytes is so."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from dissect.catalogue import CATALOG

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`\n]+)`")


def list_layers() -> dict[str, list[list[str]]]:
    """Give the layers of each package, the highest first, each with its modules."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    return {each["containers"][0]: [layer.split(" : ") for layer in each["layers"]] for each in contracts}


def list_boxes() -> list[set[str]]:
    """Give the modules of each part of the picture, the highest first."""
    picture = TEXT.split("```text\n")[1].split("```")[0]
    boxes: list[set[str]] = []
    for line in picture.splitlines()[2:]:
        left, right = line[:50], line[50:].split()
        if re.search(r"\w", left):
            boxes.append(set())
        if right:
            boxes[-1] |= set(right)
    return boxes


def test_the_picture_has_each_module_once_and_in_the_order_of_the_layers() -> None:
    place = {module: at for at, modules in enumerate(list_layers()["dissect"]) for module in modules}
    boxes = list_boxes()
    assert sum(map(len, boxes)) == len(place)
    assert set().union(*boxes) == set(place)
    for upper, lower in pairwise(boxes):
        assert max(place[each] for each in upper) <= min(place[each] for each in lower), (upper, lower)


def test_the_bounds_are_those_of_the_modules() -> None:
    rows = re.findall(r"^\| `([a-z.]+)\.([A-Z_]+)` \| ([\d,]+) \|", TEXT, re.MULTILINE)
    assert len(rows) > 15
    for module, name, bound in rows:
        assert getattr(import_module(f"dissect.{module}"), name) == int(bound.replace(",", "")), name


def test_what_is_named_with_its_module_is_there() -> None:
    named = {each for each in CODE.findall(TEXT) if re.fullmatch(r"[a-z]+(\.[a-z]+)*\.\w+", each)}
    missing = []
    for each in sorted(named - {"pyproject.toml"}):
        module, _, name = each.rpartition(".")
        held = import_module(f"dissect.{module}")
        if not hasattr(held, name) and not (ROOT / "dissect" / module / f"{name}.py").exists():
            missing.append(each)
    assert missing == ["cursor.blame"]  # a method of what the module has one of


def test_the_codes_given_as_examples_are_codes() -> None:
    rows = re.findall(r"^\|.*\| `([a-z-]+)` \|$", TEXT, re.MULTILINE)
    assert len(rows) == 4
    assert set(rows) <= set(CATALOG)


def test_the_script_prints_what_stands_below_it() -> None:
    [(script, shown)] = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TEXT, re.DOTALL)
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")


def test_contributing_tells_of_each_module() -> None:
    named = set(CODE.findall(CONTRIBUTING))
    modules = {each for layers in list_layers().values() for layer in layers for each in layer} - {"__main__"}
    assert modules - named == set()


@pytest.mark.parametrize("package", ["rules", "catalogue"])
def test_contributing_tells_of_each_module_of_a_package(package: str) -> None:
    found = {path.stem for path in (ROOT / "dissect" / package).glob("*.py")} - {"__init__"}
    assert found <= set(CODE.findall(CONTRIBUTING)) | {"rule"}


STATIC = "! command -v ruff || (ruff format --check dissect tests && ruff check dissect tests)"
"""What is quick of the checks, where it is installed."""


def apply(hunk: str, folder: Path) -> None:
    """Change a file as a hunk says: its lines that are there stand in one place of the file, next to each other."""
    head, *lines = hunk.splitlines(keepends=True)
    path = folder / head.strip()
    text = path.read_text(encoding="utf-8")
    before, after = ("".join(line[1:] or line for line in lines if line[:1] != sign) for sign in "+-")
    assert text.count(before) == 1, hunk
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_worked_example_of_an_item_type_works(tmp_path: Path) -> None:
    example = CONTRIBUTING.split("## A first decoder")[1].split("\n## ")[0]
    left_out = shutil.ignore_patterns("__pycache__", "golden")
    for each in ("dissect", "tests", "docs", "captures"):
        shutil.copytree(ROOT / each, tmp_path / each, ignore=left_out)
    for each in ("pyproject.toml", "CONTRIBUTING.md", "CHANGELOG.md", "README.md"):
        shutil.copy(ROOT / each, tmp_path)
    blocks = re.findall(r"```(diff|sh)\n(.*?)```", example, re.DOTALL)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(tmp_path),
    }
    for kind, block in blocks:
        if kind == "diff":
            for hunk in re.split(r"^--- ", block, flags=re.MULTILINE)[1:]:
                apply(hunk, tmp_path)
            continue
        for line in block.splitlines():
            command = STATIC if line == ".ci/check static" else line
            done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, env=environment)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert [kind for kind, _ in blocks].count("diff") >= 4


def test_no_function_is_long() -> None:
    long = []
    for path in sorted((ROOT / "dissect").rglob("*.py")):
        for found in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
                told = ast.get_docstring(found) or ""
                if (found.end_lineno or 0) - found.lineno - told.count("\n") > 50:
                    long.append(f"{path.name}: {found.name}")
    assert long == []


def test_no_module_is_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "dissect").rglob("*.py")
        if path.parent.name != "catalogue"  # tables
    }
    assert [each for each, length in lengths.items() if length > 400] == []
