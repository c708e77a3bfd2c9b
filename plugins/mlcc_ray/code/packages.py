"""The packages that a job on the cluster imports from this machine, known by their content."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from mlcc_core import TrainingSpec
from mlcc_folders.sending.packages import files_of, makers_of

OWN = ("mlcc_aws", "mlcc_core", "mlcc_engine", "mlcc_ray", "mlcc_tokens")
"""Packages of every job: the engine, what it is built on, the contract, and the cluster's side."""

OF_TRL = "trl:"
"""Begins the names of trainers that the cluster's own libraries have."""

OF_THE_CLUSTER = frozenset(
    {
        *("accelerate", "bitsandbytes", "datasets", "numpy", "peft", "pydantic", "ray"),
        *("safetensors", "torch", "transformers", "trl", "vllm"),
    }
)
"""Distributions that the cluster's Python has: they are not sent."""

DIGITS = 32


@dataclass(frozen=True)
class Code:
    """The packages of a job.

    Attributes:
        packages: their names.
        sha256: changes with any of their files.
    """

    packages: tuple[str, ...]
    sha256: str

    def document(self) -> Mapping[str, object]:
        """Return them as a request's body says them."""
        return {"packages": list(self.packages), "sha256": self.sha256}


def packages_of(spec: TrainingSpec, installed: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of the packages that a job imports from this machine.

    A trainer of a third party and the call-backs of plugins are imported by name in the job.

    Args:
        spec: of the job.
        installed: distributions that Ray installs for it.
    """
    named = [value for value in (spec.trainer, *spec.callbacks) if not value.startswith(OF_TRL)]
    modules = {value.partition(":")[0].partition(".")[0] for value in named}
    there = OF_THE_CLUSTER.union(installed)
    others = [name for name in modules.difference(OWN) if not there.intersection(makers_of(name))]
    return (*OWN, *sorted(others))


@cache
def code_of(packages: tuple[str, ...]) -> Code:
    """Return packages that can be imported here, known by their content.

    Raises:
        MlccError: one cannot be found, or has compiled parts, which the cluster may not fit.
    """
    digest = hashlib.sha256()
    for name, path in _files(packages):
        data = path.read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return Code(packages, digest.hexdigest()[:DIGITS])


@contextmanager
def gathered(packages: Sequence[str]) -> Iterator[Path]:
    """Gather packages in a folder, from which they can be imported, while inside.

    Raises:
        MlccError: one cannot be found, or has compiled parts.
    """
    with TemporaryDirectory(prefix="mlcc-code-") as made:
        for name, path in _files(packages):
            target = Path(made) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        yield Path(made)


def _files(packages: Sequence[str]) -> Iterator[tuple[str, Path]]:
    for package in sorted(packages):
        yield from files_of(package)
