"""The user's own packages, which Ray installs for a job and for no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcc_folders.sending.requirements import read_own, refused
from mlcc_ray.options import PACKAGES

RAY = "ray"


@dataclass(frozen=True, slots=True)
class Requirements:
    """The lines of the file that ``--packages`` names.

    Attributes:
        lines: as pip takes them, without comments.
        names: of the distributions that they name.
    """

    lines: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def find_requirements(options: Mapping[str, object]) -> Requirements:
    """Read the user's file of packages; nothing is installed.

    Raises:
        MlccError: it cannot be read, or a line names what is on this machine alone, a secret, or
            another Ray than the cluster's.
    """
    given = options.get(PACKAGES.key)
    if given is None:
        return Requirements()
    path = Path(str(given)).expanduser().absolute()
    lines = list(read_own(path, PACKAGES.flag))
    for line in lines:
        if line.name == RAY:
            raise refused(path, line, "would replace the cluster's Ray", PACKAGES.flag)
    names = tuple(line.name for line in lines if line.name is not None)
    return Requirements(tuple(line.text for line in lines), names)


def as_runtime_env(lines: Sequence[str]) -> Mapping[str, object]:
    """Return the part of Ray's runtime environment that installs packages; empty for none."""
    return {"pip": list(lines)} if lines else {}
