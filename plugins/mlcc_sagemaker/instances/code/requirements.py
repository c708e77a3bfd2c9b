"""The packages that a job installs: those of the engine, pinned, and the user's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from importlib.resources import files
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from mlcc_core import MlccError
from mlcc_sagemaker.instances.options.declared import REQUIREMENTS

PINS_FILE = "requirements.txt"

QUANTIZED = "bitsandbytes==0.50.2"
"""What ``--quantize`` takes besides; its wheels hold CUDA's code, so no other job gets it."""

LIBRARIES = ("transformers", "trl", "peft", "datasets", "accelerate")
"""Distributions on which the result of a training depends; the image brings PyTorch."""

OF_THE_IMAGE = ("torch", "numpy")
"""Distributions that an image brings, built for its devices: a job must not replace them."""

COMMENT = re.compile(r"(^|\s)#.*$")


@cache
def pins() -> Mapping[str, str]:
    """Return the versions of the engine's packages, by name as pip writes it."""
    text = files(__package__).joinpath(PINS_FILE).read_text(encoding="utf-8")
    lines = (line.partition("==") for line in text.splitlines() if not line.startswith("#"))
    return {name: version for name, _, version in lines}


def libraries() -> Mapping[str, str]:
    """Return the versions of the libraries that train, by name."""
    return {name: pins()[name] for name in LIBRARIES}


@cache
def _makers() -> Mapping[str, list[str]]:
    return packages_distributions()


def makers_of(module: str) -> list[str]:
    """Return the distributions that have a module, by what is installed here."""
    return [canonicalize_name(name) for name in _makers().get(module, ())]


def installed_modules() -> set[str]:
    """Return the top-level modules of the pinned packages, and of those that the image brings."""
    there = {*pins(), *OF_THE_IMAGE}
    return {module for module in _makers() if there.intersection(makers_of(module))}


def requirements_text(own: Path | None, *, engine: bool = True, quantized: bool = False) -> str:
    """Return the requirements file of a job.

    Args:
        own: the user's file; ``None`` for none.
        engine: the engine runs, whose packages come first; scripts have their own alone.
        quantized: weights are held in 4 bits.

    Raises:
        MlccError: the user's file cannot be read, or holds what a job cannot install.
    """
    lines = [f"{name}=={version}" for name, version in pins().items()] if engine else []
    if quantized:
        lines.append(QUANTIZED)
    if own is not None:
        lines += _own_lines(own, lines)
    return "".join(f"{line}\n" for line in lines)


def read_own(path: Path) -> Iterator[tuple[int, Requirement]]:
    """Yield the requirements of a user's file, each with the number of its line.

    Raises:
        MlccError: it cannot be read, or a line is not a requirement by name.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise MlccError(
            f"Cannot read the requirements file {path}: {why}.",
            where=REQUIREMENTS.flag,
            hint=f"pass {REQUIREMENTS.flag} FILE",
        ) from None
    for number, line in enumerate(text.splitlines(), 1):
        words = COMMENT.sub("", line).strip()
        if not words:
            continue
        try:
            yield number, Requirement(words)
        except InvalidRequirement:
            raise _refused(path, number, words, "is not the name of a package") from None


def _own_lines(path: Path, ours: list[str]) -> list[str]:
    """Return the user's requirements that are not ours already.

    Raises:
        MlccError: one asks for another version than the engine's, or for what the image brings.
    """
    fixed = {name: version for name, _, version in (line.partition("==") for line in ours)}
    lines = []
    for number, wanted in read_own(path):
        name = canonicalize_name(wanted.name)
        if name in OF_THE_IMAGE and fixed:
            raise _refused(path, number, str(wanted), f"would replace the image's {name}")
        if name not in fixed:
            lines.append(str(wanted))
        elif wanted.url or not wanted.specifier.contains(fixed[name], prereleases=True):
            why = f"does not fit {name} {fixed[name]}, with which the engine runs"
            raise _refused(path, number, str(wanted), why)
    return lines


def _refused(path: Path, number: int, line: str, why: str) -> MlccError:
    return MlccError(
        f"{path}:{number} {line!r} {why}: a job installs packages by name, like evaluate>=0.4.",
        where=REQUIREMENTS.flag,
        hint=f"take the line out of {path}",
    )
