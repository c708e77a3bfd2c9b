"""Wheels for the tests, and a Python to install them into: an image, as far as pip can tell."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parents[4]


def build_mlcc(folder: Path) -> Path:
    """Build the wheel of this very tree."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=SOURCE,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return next(folder.glob("mlcc-*.whl"))


def write_wheel(folder: Path, name: str, version: str, code: str = "") -> Path:
    """Write the wheel of a package with one module."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_mark(text)}\n" for path, text in files.items())
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in files.items():
            archive.writestr(inner, text)
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return path


def _mark(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
    return f"sha256={digest.decode()},{len(text.encode())}"


def make_image(folder: Path) -> Path:
    """Make an environment that has all that this one has, but for mlcc's own code.

    Returns:
        Its Python.
    """
    import torch

    subprocess.run(
        [sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", folder],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (site,) = folder.glob("lib/python*/site-packages")
    # The environment of the tests may be a virtual one itself, which another does not build on;
    # what is named so brings no paths of its own, and so not the tree under test.
    (site / "image.pth").write_text(f"{Path(torch.__file__).parents[1]}\n")
    return folder / "bin" / "python"
