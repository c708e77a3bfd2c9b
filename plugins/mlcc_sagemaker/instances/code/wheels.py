"""A folder of wheels, for jobs that reach no package index: looked through before the job."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from mlcc_core import MlccError
from mlcc_core.helpers import plural
from mlcc_core.helpers.hints import made_folder, path_word
from mlcc_folders.sending.requirements import HASHES
from mlcc_sagemaker.instances.options.declared import WHEELS

PLATFORM = "manylinux_2_28_x86_64"
"""Of the wheels that AWS's image takes, whatever machine downloads them."""


def wheels_in(folder: Path, requirements: str, python: str | None) -> Sequence[Path]:
    """Return the wheels in a folder that hold everything that a job installs.

    Args:
        folder: the user's.
        requirements: the job's file of them.
        python: version of the image's Python, for the command (``3.13``); ``None``: not known.

    Raises:
        MlccError: the folder is not there, or a package is missing; the hint downloads it.
    """
    if not folder.is_dir():
        raise MlccError(
            f"{WHEELS.flag} {folder}: there is no such folder.",
            where=WHEELS.flag,
            hint=made_folder(folder),
        )
    found = sorted(folder.glob("*.whl"))
    missing = list(_missing(requirements, found))
    if missing:
        shown = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        raise MlccError(
            f"{WHEELS.flag} {folder} lacks {plural(len(missing), 'package')} that the job "
            f"installs: {shown}",
            where=WHEELS.flag,
            hint=download(missing, folder, python),
        )
    return found


def download(missing: Sequence[str], folder: Path, python: str | None) -> str:
    """Return the command that downloads packages to a folder, for the image and not this machine.

    Example:
        ``pip download --no-deps --only-binary :all: --platform … -d wheels trl==1.16.0``
    """
    version = f" --python-version {python}" if python else ""
    names = " ".join(map(shlex.quote, missing))
    return (
        f"pip download --no-deps --only-binary :all: --platform {PLATFORM}{version} "
        f"-d {path_word(folder)} {names}"
    )


def _missing(requirements: str, found: Sequence[Path]) -> Iterator[str]:
    """Yield the requirements of which there is no wheel."""
    there: dict[str, list[Version]] = {}
    for path in found:
        try:
            name, version, _, _ = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        there.setdefault(canonicalize_name(name), []).append(version)
    for line in requirements.splitlines():
        if line.startswith("-"):
            continue
        wanted = Requirement(HASHES.sub("", line))
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        versions = there.get(canonicalize_name(wanted.name), ())
        if not any(wanted.specifier.contains(one, prereleases=True) for one in versions):
            yield line
