"""One wheel of the packages that a job runs, the same bytes whenever they are the same.

Nothing is built or installed for it: a wheel is an archive of files that can be imported, with
three documents about them. Times are fixed, names are sorted and nothing is compressed, since
another compressor writes other bytes. Its version ends in a number that follows from its content
(``0.1.0.post2864434397``), so that no other one is ever taken for it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import mlcc_core
from mlcc_core import MlccError
from mlcc_core.helpers import install_command

OWN = ("mlcc_core", "mlcc_engine", "mlcc_tokens")
"""Packages that run in a container: the engine, what it is built on, and the contract."""

NAME = "mlcc"
"""Of the distribution, by which the entry point knows the wheel."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file: the first that an archive can say."""

LEFT_OUT = ("__pycache__", "catalog_files")
"""Folders that no job reads."""

COMPILED = (".so", ".pyd", ".dylib")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel.

    Attributes:
        name: of its file.
        data: the whole of it.
    """

    name: str
    data: bytes


@cache
def build_wheel(packages: Sequence[str] = OWN) -> Wheel:
    """Make a wheel of packages that can be imported here.

    Args:
        packages: their names, the own ones among them; modules of one file count.

    Raises:
        MlccError: one cannot be found, or has compiled parts, which a job's image may not fit.
    """
    files: dict[str, bytes] = {}
    for package in sorted(packages):
        files |= {name: path.read_bytes() for name, path in files_of(package)}
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    version = f"{mlcc_core.__version__}.post{int(digest.hexdigest()[:8], 16)}"
    folder = f"{NAME}-{version}.dist-info"
    files |= {f"{folder}/{name}": text.encode() for name, text in _about(version).items()}
    files[f"{folder}/RECORD"] = _record(files, folder).encode()
    return Wheel(f"{NAME}-{version}-py3-none-any.whl", _archive(files))


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


def _about(version: str) -> Mapping[str, str]:
    """Return the documents of a wheel about itself, all but the record of its files."""
    return {
        "METADATA": (
            f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n"
            "Summary: The engine of mlcc, as one training job runs it.\nRequires-Python: >=3.11\n"
        ),
        "WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: mlcc {mlcc_core.__version__}\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }


def _record(files: Mapping[str, bytes], folder: str) -> str:
    lines = []
    for name, data in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}")
    return "\n".join((*lines, f"{folder}/RECORD,,")) + "\n"


def _archive(files: Mapping[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items(), key=lambda item: (".dist-info/" in item[0], item)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, on every machine
            archive.writestr(entry, data)
    return memory.getvalue()
