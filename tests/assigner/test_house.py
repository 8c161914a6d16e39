"""The house keeps its own rules: what is committed names no machine, locks are exact, imports are late."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import assigner

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
HEAVY = (
    "babel",
    "geopandas",
    "jinja2",
    "matplotlib",
    "networkx",
    "numpy",
    "openpyxl",
    "ortools",
    "pandas",
    "pydantic",
    "python_calamine",
    "rich",
    "ruamel",
    "typer",
    "xlsxwriter",
)

# Written so that this file does not find itself.
REGISTRIES = re.compile("|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(?:com|org)"]))
INDEX_OPTIONS = re.compile("--(?:extra-)?index" + "-url|--find" + "-links|@ " + "file:")
MACHINE_PATHS = re.compile(
    r"(?<![\w.~:$})\]/-])/(?:home|root|work|opt|tmp|mnt|Users|private)/\w|\b[A-Z]:\\+(?:Users|Program)"
)


def text_files():
    """Return the files that are committed or would be, as far as they are text."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path != Path(__file__).resolve():
            data = path.read_bytes()
            if b"\0" not in data:
                yield name, data.decode("utf-8")


@pytest.mark.parametrize("pattern", [REGISTRIES, INDEX_OPTIONS, MACHINE_PATHS], ids=["host", "index", "path"])
def test_no_file_names_a_machine(pattern):
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see " + "/home/" + "ann/x", True),
        ('"' + "C:" + '\\\\Users"', True),
        ("https://example.edu.tw/home/page", False),
        ("docs/work/plan.md", False),
        ("~/work/plan.md", False),
        ("$HOME/opt/x", False),
    ],
)
def test_what_counts_as_a_machine_path(text, found):
    assert bool(MACHINE_PATHS.search(text)) is found


def pins(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# Made by scripts/lock.py")
    return lines[1:]


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_exact_pins_only(name):
    exact = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!_-]*")
    assert [pin for pin in pins(name) if not exact.fullmatch(pin)] == []
    names = [canonical(pin) for pin in pins(name)]
    assert names == sorted(set(names))


def test_the_development_lock_only_adds_to_the_core():
    assert set(pins("requirements.lock")) <= set(pins("requirements-dev.lock"))


def test_the_locks_cover_the_project_file():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [requirement for group in project["optional-dependencies"].values() for requirement in group]
    for lock, wanted in zip(LOCKS, [project["dependencies"], project["dependencies"] + extras], strict=True):
        locked = {canonical(pin) for pin in pins(lock)} | {project["name"]}
        assert {canonical(requirement) for requirement in wanted} <= locked


def test_the_core_stays_small():
    assert {canonical(pin) for pin in pins("requirements.lock")}.isdisjoint(
        {"babel", "highspy", "hypothesis", "jsonschema", "msoffcrypto-tool", "playwright", "pytest", "scipy"}
    )


def canonical(requirement):
    """Return the package's name as the index compares it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement).group()
    return re.sub(r"[-_.]+", "-", name).lower()


def test_import_assigner_is_light():
    code = (
        "import sys, assigner, assigner.messages, assigner.errors\n"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert loaded.split() == []


def test_public_names_load_on_first_use(monkeypatch):
    monkeypatch.setitem(assigner._HOME, "Place", "assigner.errors")
    try:
        assert assigner.Place.__name__ == "Place"
    finally:
        vars(assigner).pop("Place", None)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = assigner.nothing


def test_every_public_name_is_there():
    assert {"__version__"} <= set(assigner.__all__) <= set(dir(assigner))
    for name in assigner.__all__:
        assert getattr(assigner, name) is not None
