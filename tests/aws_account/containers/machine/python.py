"""The Python of the image: the packages of this interpreter, and an environment for each host.

A host's own environment comes before them, so that what a job installs stays with the job. An
editable installation of this interpreter is a checkout and no part of the image.
"""

from __future__ import annotations

import json
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

SITES = ("site-packages", "dist-packages")
SHEBANG = b"#!/usr/bin/env python3\n"


class Image:
    """Folders of packages and programs, made when they are first needed.

    Attributes:
        bin: programs of the packages, which run with the ``python3`` of the host.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._new = folder
        self._folder: Path | None = None

    @property
    def bin(self) -> Path:
        return self._made() / "bin"

    def environment(self, folder: Path) -> Path:
        """Make a virtual environment over the image's packages; returns its ``bin``.

        It takes some 10 milliseconds, since nothing is installed or copied.
        """
        venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
        own = next(folder.glob("lib/python*/site-packages"))
        (own / "image.pth").write_text(f"{self._made() / 'packages'}\n")
        return folder / "bin"

    def forget(self) -> None:
        """Make the folders anew when they are needed next."""
        self._folder = None

    def _made(self) -> Path:
        if self._folder is None:
            folder = self._new()
            for name in ("packages", "bin"):
                (folder / name).mkdir()
            hidden: set[str] = set()
            for site in _sites():
                names = set(_editable(site))
                _link(site, folder / "packages", names)
                hidden |= names
            _programs(Path(sys.prefix) / "bin", folder / "bin", hidden)
            self._folder = folder
        return self._folder


def _sites() -> list[Path]:
    return [Path(path) for path in sys.path if Path(path).name in SITES and Path(path).is_dir()]


def _editable(site: Path) -> Iterator[str]:
    """List names of files and programs of what is installed from a checkout."""
    for direct in site.glob("*.dist-info/direct_url.json"):
        if json.loads(direct.read_text()).get("dir_info", {}).get("editable"):
            yield direct.parent.name
            for line in (direct.parent / "RECORD").read_text().splitlines():
                path = Path(line.split(",")[0])
                if len(path.parts) == 1 or path.parent.name == "bin":
                    yield path.name


def _link(site: Path, into: Path, hidden: set[str]) -> None:
    for entry in site.iterdir():
        if entry.name not in hidden and not (into / entry.name).exists():
            (into / entry.name).symlink_to(entry)


def _programs(source: Path, into: Path, hidden: set[str]) -> None:
    """Copy Python's programs, with the host's interpreter in place of this one."""
    for program in source.iterdir():
        if program.name in hidden or program.is_symlink() or not program.is_file():
            continue
        first, _, rest = program.read_bytes().partition(b"\n")
        if first.startswith(b"#!") and b"python" in first:
            (into / program.name).write_bytes(SHEBANG + rest)
            (into / program.name).chmod(0o755)
