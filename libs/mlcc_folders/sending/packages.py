"""Packages that can be imported here, as the files that a job elsewhere imports."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

from packaging.utils import canonicalize_name

from mlcc_core import MlccError
from mlcc_core.helpers import install_command

LEFT_OUT = ("__pycache__", "catalog_files")
"""Folders that no job reads."""

COMPILED = (".so", ".pyd", ".dylib")


def files_of(package: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a package, each with its name in a wheel.

    Raises:
        MlccError: it cannot be found, or has compiled parts.
    """
    spec = find_spec(package)
    if spec is None or not (spec.submodule_search_locations or spec.origin):
        raise MlccError(
            f"The package {package!r}, which the job needs, cannot be imported here.",
            hint=install_command(package),
        )
    if not spec.submodule_search_locations:
        path = Path(str(spec.origin))
        yield _pure(package, path.name, path)
        return
    for place in spec.submodule_search_locations:
        for path in sorted(Path(place).rglob("*")):
            inside = path.relative_to(place)
            if path.is_file() and not any(map(_left_out, inside.parts)):
                yield _pure(package, f"{package}/{inside.as_posix()}", path)


def _left_out(part: str) -> bool:
    return part in LEFT_OUT or part.startswith(".")


def _pure(package: str, name: str, path: Path) -> tuple[str, Path]:
    if path.suffix in COMPILED:
        raise MlccError(
            f"The package {package!r} has compiled parts ({path.name}), which cannot be sent to a "
            "job: its image may not fit them.",
            where="--packages",
            hint=f"name the package in a file, and pass --packages FILE   # {package}",
        )
    return name, path


def makers_of(module: str) -> list[str]:
    """Return the distributions that have a module, by what is installed here."""
    return [canonicalize_name(name) for name in makers().get(module, ())]


@cache
def makers() -> dict[str, list[str]]:
    """Return the distributions that are installed here, by their top-level modules."""
    return {module: list(names) for module, names in packages_distributions().items()}
