"""The wheel holds all that is needed and works where a planner uses it: another folder, another Python.

Every interpreter found on the machine is tried (`make campaign`); the suite tries the one it runs on, whose libraries
stand in for those that pip would fetch.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
FOLDER = "計畫 草案"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def scripts(environment):
    return environment / ("Scripts" if os.name == "nt" else "bin")


def made(folder, wheel, python=None):
    """Make an environment with the wheel; with another Python also all it depends on, as the lock pins it."""
    environment = folder / "venv"
    if python is None:
        venv.create(environment, with_pip=True)
        (libraries,) = environment.rglob("site-packages")
        # Only the folder: the link to the project beside it is a file .pth, which is not followed from here.
        (libraries / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        more = ["--no-deps"]
    else:
        subprocess.run([python, "-m", "venv", str(environment)], check=True)
        more = ["--constraint", str(ROOT / "requirements.lock")]
    pip = [str(scripts(environment) / "python"), "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, *more, str(wheel)], check=True)
    return environment


def run(environment, folder, *words, module=False):
    """Run the program as a planner does, in a folder of hers."""
    start = [str(scripts(environment) / "python"), "-m", "assigner"] if module else [scripts(environment) / "assigner"]
    return subprocess.run(
        [*start, *words],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": "", "MPLCONFIGDIR": str(folder / "mpl")},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
    )


def smoke(environment, folder):
    """Go from nothing to files to send on, and back."""
    place = folder / FOLDER
    place.mkdir()
    for name in ("models.py", "geodata.py"):
        (place / name).write_text("x = 1\n", encoding="utf-8")
    told = run(environment, place, "--lang", "zh-TW")
    assert told.returncode == 0 and "接下來" in told.stdout, told.stderr
    for words in (
        ["example", "--schools", "5", "--out", "我的 社區.yaml"],
        ["convert", "我的 社區.yaml", "--out", "表 單.xlsx"],
        ["validate", "表 單.xlsx"],
        ["solve", "表 單.xlsx", "--out", "結 果"],
        ["check", "結 果/plan.json"],
        ["check", "結 果/plan.csv", "--scenario", "表 單.xlsx"],
        ["rulebook", "show", "3.bundle"],
    ):
        for module in (False, True):
            if module and words[0] in ("example", "convert", "solve"):
                continue  # these refuse to write a second time, or take long
            done = run(environment, place, *words, "--lang", "zh-TW", module=module)
            assert done.returncode == 0, (words, done.stdout, done.stderr)
            assert "Traceback" not in done.stderr
    written = {path.name for path in (place / "結 果").iterdir()}
    assert written == {f"plan.{kind}" for kind in ("json", "csv", "xlsx", "html", "svg", "geojson", "gpkg")}
    found = subprocess.run(
        [scripts(environment) / "python", "-P", "-c", "import assigner; print(assigner.__file__)"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(environment.resolve()) in str(Path(found.strip()).resolve())
    assert json.loads((place / "結 果" / "plan.json").read_text(encoding="utf-8"))["status"] == "optimal"


def test_the_wheel_holds_rulebooks_map_catalogues_schemas_and_templates(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = [
        path.relative_to(ROOT).as_posix()
        for package in ("assigner", "models", "geodata")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert set(tracked) <= names
    for ending in (".yaml", ".topojson", ".mo", ".schema.json", ".j2", "links.csv", "py.typed"):
        assert any(name.endswith(ending) for name in names), ending
    assert not any(name.startswith(("tests/", "scenarios/", "benchmarks/")) for name in names)


@pytest.mark.campaign
def test_the_wheel_works_in_another_folder_with_files_of_the_same_names_in_the_way(wheel, tmp_path):
    smoke(made(tmp_path, wheel), tmp_path)


def interpreter(version):
    """Find an interpreter that runs; one that pyenv has but does not offer counts too."""
    candidates = [shutil.which(f"python{version}")]
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates += [str(path / "bin" / "python") for path in sorted(root.glob(f"{version}.*"))]
    for candidate in candidates:
        if candidate is None:
            continue
        told = subprocess.run([candidate, "-c", "import sys; print(sys.version)"], capture_output=True, text=True)
        if told.returncode == 0 and told.stdout.startswith(f"{version}."):
            return candidate
    return None


@pytest.mark.campaign
@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_installs_and_works_on_every_python_found(wheel, tmp_path, version):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    smoke(made(tmp_path, wheel, python), tmp_path)
