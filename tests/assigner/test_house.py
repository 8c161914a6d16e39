"""The house keeps its own rules: what is committed names no machine, locks are exact, imports are late."""

from __future__ import annotations

import ast
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
    "distributed",
    "geopandas",
    "jinja2",
    "matplotlib",
    "networkx",
    "nicegui",
    "numpy",
    "openpyxl",
    "ortools",
    "pandas",
    "psutil",
    "pyarrow",
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
    exact = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!_-]*(; sys_platform != \"win32\")?")
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


# ------------------------------------------------------------------------------------------- what Windows cannot do

POSIX_ONLY = {
    "os": {"fork", "forkpty", "getuid", "geteuid", "getgid", "setuid", "chown", "mkfifo", "kill", "killpg", "nice"},
    "signal": {"SIGKILL", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGHUP", "alarm", "setitimer", "pthread_kill"},
    "time": {"tzset"},
}
POSIX_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty", "readline"}
OPENERS = {"open", "read_text", "write_text"}


def product_files():
    return sorted(path for package in ("assigner", "geodata", "models") for path in (ROOT / package).rglob("*.py"))


def posix_only(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in POSIX_ONLY.get(node.value.id, ()):
                yield node.lineno, f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names if name.name in POSIX_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in POSIX_MODULES:
            yield node.lineno, node.module


def without_encoding(tree):
    """Calls that open a text file in whatever encoding the machine has: Big5 on a planner's."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        others = (
            "os",
            "webbrowser",
            "Image",
            "archive",
            "Store",
        )  # parts of an archive are bytes, a store is a database
        if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in others:
            continue
        modes = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        modes += [k.value.value for k in node.keywords if k.arg == "mode" and isinstance(k.value, ast.Constant)]
        binary = name == "open" and any("b" in mode and len(mode) <= 3 for mode in modes)
        if name in OPENERS and not binary and not any(keyword.arg in ("encoding", None) for keyword in node.keywords):
            yield node.lineno, name


@pytest.mark.parametrize("path", product_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_product_calls_nothing_that_windows_lacks_and_names_every_encoding(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [*posix_only(tree), *without_encoding(tree)] == []


def test_what_counts_as_posix_only_or_without_encoding():
    bad = ast.parse("import os, fcntl\nos.fork()\nopen('x')\np.write_text('a')\np.open('w')\n")
    assert [what for _line, what in posix_only(bad)] == ["fcntl", "os.fork"]
    assert [line for line, _what in without_encoding(bad)] == [3, 4, 5]
    good = ast.parse(
        "import os\nos.replace(a, b)\nopen('x', 'rb')\np.write_text('a', encoding='utf-8')\nos.open(x, 1)\n"
    )
    assert [*posix_only(good), *without_encoding(good)] == []


FOR_FILES = ("geopandas", "jinja2", "matplotlib", "openpyxl", "pyogrio", "python_calamine", "shapely", "xlsxwriter")


def test_solving_without_files_imports_nothing_that_makes_files():
    code = (
        "import sys\nfrom assigner import cli\n"
        "code = cli.run(['solve', 'scenarios/synthetic-3.yaml', '--quiet'])\n"
        f"print('heavy:', *(name for name in {FOR_FILES} if name in sys.modules))\n"
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.rstrip().splitlines()[-1].strip() == "heavy:"
