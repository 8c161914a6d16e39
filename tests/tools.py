"""Programs that tests open the product's files with; where one is absent, the test is skipped with the reason."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CHROMIUM_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that starts as root and looks for nothing outside."""


def tool(name: str) -> str:
    """Give the path of a program; skip the test where it is absent."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (scripts/install_test_tools.py installs it on Debian)")
    return path


def convert(source: Path, ending: str, folder: Path) -> Path:
    """Convert a file with LibreOffice; each run has a profile of its own, and one that wrote nothing is repeated."""
    program = tool("soffice")
    target = folder / f"{source.stem}.{ending.split(':')[0]}"
    for _attempt in range(3):
        with tempfile.TemporaryDirectory() as profile:
            subprocess.run(
                [
                    program,
                    f"-env:UserInstallation={Path(profile).as_uri()}",
                    "--headless",
                    "--convert-to",
                    ending,
                    "--outdir",
                    str(folder),
                    str(source),
                ],
                capture_output=True,
                timeout=180,
                check=False,
            )
        if target.exists():
            return target
    raise AssertionError(f"LibreOffice did not convert {source.name} to {ending}")
