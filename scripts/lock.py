"""Write the two lock files: exact pins of all that an installation pulls in.

``requirements.lock`` pins what running the program needs; ``requirements-dev.lock`` pins that and all extras.
Each is what ``pip freeze`` says of a throw-away environment into which the dependencies named in
``pyproject.toml`` were installed, first the core, then the extras on top of it, so that the second file only
adds to the first. The files name releases and nothing of where they came from.

Usage::

    python scripts/lock.py            # every pin moves to the newest release that fits
    python scripts/lock.py --keep     # pins stay where they are; only additions and removals
    python scripts/lock.py --check PYTHON [PYTHON ...]    # install both locks with these interpreters

Run it with the oldest supported Python: a release that installs there installs on newer ones. Packages that
only another operating system needs (colorama, on Windows) are not seen here; pip adds them unpinned there.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"
NOT_ON_WINDOWS = ("uvloop",)
"""Pins for other systems only: what the page's server asks for is faster there, and does not exist on Windows."""
HEAD = "# Made by scripts/lock.py from pyproject.toml ({what}). Do not edit: run `make lock`.\n"


def main() -> int:
    """Parse the command line and do one of the three jobs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave present pins where they are")
    parser.add_argument("--check", nargs="+", metavar="PYTHON", help="install both locks with each of these")
    options = parser.parse_args()
    if options.check:
        return max(check(python) for python in options.check)
    write(keep=options.keep)
    return 0


def write(*, keep: bool) -> None:
    """Install, freeze and write both files.

    Parameters
    ----------
    keep
        Use the present pins as constraints.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # An extra that includes another one of ours ("name[maps]") is already covered by taking them all.
    extras = [
        requirement
        for group in project["optional-dependencies"].values()
        for requirement in group
        if not requirement.startswith(project["name"] + "[")
    ]
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder), sys.executable)
        constraints = ["--constraint", str(DEV)] if keep and DEV.exists() else []
        pip(python, "install", *constraints, *project["dependencies"])
        core = freeze(python)
        held = Path(folder) / "core.txt"
        held.write_text(core, encoding="utf-8")
        pip(python, "install", *constraints, "--constraint", str(held), *project["dependencies"], *extras)
        dev = freeze(python)
    CORE.write_text(HEAD.format(what="dependencies") + core, encoding="utf-8", newline="\n")
    DEV.write_text(HEAD.format(what="dependencies and all extras") + dev, encoding="utf-8", newline="\n")


def check(interpreter: str) -> int:
    """Install both locks into an environment of `interpreter`; 0 when pip finds nothing broken."""
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder), interpreter)
        try:
            for lock in (CORE, DEV):
                pip(python, "install", "--requirement", str(lock))
            pip(python, "check")
        except subprocess.CalledProcessError:
            print(f"{interpreter}: the locks do not install")
            return 1
    print(f"{interpreter}: both locks install")
    return 0


def environment(folder: Path, interpreter: str) -> Path:
    """Make an environment in `folder`; the path of its interpreter."""
    subprocess.run([interpreter, "-m", "venv", str(folder / "venv")], check=True)
    return folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def pip(python: Path, *arguments: str) -> str:
    """Run pip in an environment, quiet but for errors; its output."""
    command = [str(python), "-m", "pip", "-qq", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def freeze(python: Path) -> str:
    """List the pins of an environment, sorted by name without regard to case or spelling.

    Raises
    ------
    SystemExit
        Something was installed that is not a plain release (a file, an address).
    """
    pins = [line for line in pip(python, "freeze").splitlines() if line]
    odd = [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", pin)]
    if odd:
        raise SystemExit(f"not exact pins: {odd}")
    pins.sort(key=lambda pin: re.sub(r"[-_.]+", "-", pin.partition("==")[0].lower()))
    lines = [f'{p}; sys_platform != "win32"' if p.partition("==")[0] in NOT_ON_WINDOWS else p for p in pins]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
