"""The packages that a job installs: those of the engine, pinned, and the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from mlcc_folders.sending.packages import makers, makers_of
from mlcc_folders.sending.requirements import OwnLine, read_own, refused
from mlcc_sagemaker.instances.options.declared import PACKAGES

PINS_FILE = "requirements.txt"

QUANTIZED = "bitsandbytes==0.50.2"
"""The package that ``--quantize`` takes besides: its wheels hold CUDA's code, for no other job."""

LIBRARIES = ("transformers", "trl", "peft", "datasets", "accelerate")
"""Distributions on which the result of a training depends; the image brings PyTorch."""

OF_SCRIPTS = ("annotated-types", "pydantic", "pydantic-core", "typing-inspection")
"""Pinned packages that the container's side takes even where it runs a script of the user's."""

OF_THE_IMAGE = ("torch", "numpy")
"""Distributions that an image brings, built for its devices: a job must not replace them."""

SCRIPTS_FLAG = "--requirements"
"""The flag that names the packages of a script."""


@cache
def pins() -> Mapping[str, str]:
    """Return the versions of the engine's packages, by name as pip writes it."""
    text = files(__package__).joinpath(PINS_FILE).read_text(encoding="utf-8")
    return _versions(line for line in text.splitlines() if not line.startswith("#"))


def libraries() -> Mapping[str, str]:
    """Return the versions of the libraries that train, by name."""
    return {name: pins()[name] for name in LIBRARIES}


def requirements_text(own: Path | None, *, engine: bool = True, quantized: bool = False) -> str:
    """Return the requirements file of a job.

    Args:
        own: the user's file; ``None`` for none.
        engine: the engine runs, whose packages are fixed; scripts choose all but a few.
        quantized: weights are held in 4 bits.

    Raises:
        MlccError: the user's file cannot be read, or holds what a job cannot install.
    """
    names = pins() if engine else OF_SCRIPTS
    ours = [f"{name}=={pins()[name]}" for name in names] + [QUANTIZED] * quantized
    if own is None:
        lines = ours
    else:
        theirs = read_own(own, PACKAGES.flag if engine else SCRIPTS_FLAG)
        lines = _with_fixed(own, ours, theirs) if engine else _with_chosen(ours, theirs)
    return "".join(f"{line}\n" for line in lines)


def installed_modules() -> set[str]:
    """Return the top-level modules of the pinned packages, and of those that the image brings."""
    there = {*pins(), *OF_THE_IMAGE}
    return {module for module in makers() if there.intersection(makers_of(module))}


def _with_fixed(path: Path, ours: list[str], theirs: Iterable[OwnLine]) -> list[str]:
    """Return the engine's requirements, then the user's that are not among them.

    Raises:
        MlccError: one asks for another version than the engine's, or for what the image brings.
    """
    fixed, lines = _versions(ours), []
    for line in theirs:
        name, wanted = line.name, line.wanted
        if name in OF_THE_IMAGE:
            raise refused(path, line, f"would replace the image's {name}", PACKAGES.flag)
        if name not in fixed or wanted is None:
            lines.append(line.text)
        elif wanted.url or not wanted.specifier.contains(fixed[name], prereleases=True):
            why = f"does not fit {name} {fixed[name]}, with which the engine runs"
            raise refused(path, line, why, PACKAGES.flag)
    return [*ours, *lines]


def _with_chosen(ours: list[str], theirs: Iterable[OwnLine]) -> list[str]:
    """Return a script's requirements, with those of ours that it does not name."""
    lines = list(theirs)
    chosen = {line.name for line in lines}
    kept = [line for line in ours if line.partition("==")[0] not in chosen]
    return [*kept, *(line.text for line in lines)]


def _versions(lines: Iterable[str]) -> dict[str, str]:
    return {name: version for name, _, version in (line.partition("==") for line in lines)}
