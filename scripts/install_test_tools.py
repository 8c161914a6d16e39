"""Install the programs that tests open the product's files with: a browser, LibreOffice, poppler, a Chinese font.

Debian's packages, through apt-get, where it is there and may be used; what is missing elsewhere is named, and the tests
that need it are skipped, saying so. Nothing is done when everything is there.

Usage::

    python scripts/install_test_tools.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "chromium": "chromium",
    "soffice": "libreoffice-calc",
    "pdftoppm": "poppler-utils",
    "font": "fonts-noto-cjk",
}
"""What is looked for -> the package of Debian that brings it."""


def main() -> int:
    """Install what is missing; never fails, since every test that needs a tool can be skipped."""
    lacking = missing()
    if lacking and can_install():
        print("installing for the tests:", ", ".join(PACKAGES[name] for name in lacking))
        install([PACKAGES[name] for name in lacking])
        lacking = missing()
    if lacking:
        print("not there, so the tests that need it are skipped:", ", ".join(lacking))
    return 0


def missing() -> list[str]:
    """Name what is not there."""
    found = {name: shutil.which(name) is not None for name in PACKAGES}
    found["font"] = has_chinese_font()
    return [name for name, there in found.items() if not there]


def has_chinese_font() -> bool:
    """Tell whether fontconfig knows a font for Traditional Chinese."""
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-tw"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


def can_install() -> bool:
    """Tell whether apt-get is there and may be used."""
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: list[str]) -> None:
    """Install packages of Debian, without those they only recommend."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"apt-get {command[0]} failed with {done.returncode}", file=sys.stderr)
            return


if __name__ == "__main__":
    sys.exit(main())
