"""Prerequisites of training on this machine, looked at without importing anything heavy."""

from __future__ import annotations

import platform as machine
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from mlcc_core import Check, MlccError
from mlcc_core.helpers import install_command
from mlcc_engine.devices import host_memory, usable_cores
from mlcc_engine.engine import PACKAGES, numbers_of

LITTLE_DISK = 2 * 2**30
LITTLE_MEMORY = 1 * 2**30
"""Bytes below which a warning is due; ``mlcc-tiny`` with its libraries takes about half of them."""


def checks(root: Path) -> list[Check]:
    """Every prerequisite."""
    return [*package_checks(), device_check(), disk_check(root), memory_check()]


def package_checks() -> Iterator[Check]:
    """One for each package that training imports; one for all that are not there."""
    found = {package: installed_version(package) for package in PACKAGES}
    for package, version in found.items():
        oldest = PACKAGES[package]
        if version is None:
            continue
        if numbers_of(version) < numbers_of(oldest):
            said = f"{version}, expected {oldest} or later"
            yield Check(package, "missing", said, install_command("-U", f"{package}>={oldest}"))
        else:
            yield Check(package, "ok", version)
    if absent := [package for package, version in found.items() if version is None]:
        said = f"not installed: {', '.join(absent)}"
        yield Check("packages", "missing", said, install_command("mlcc[local]"))


def require_packages(purpose: str) -> None:
    """Refuse to go on without the packages of the extra.

    Args:
        purpose: what needs them, to begin the message ("Training on this machine").

    Raises:
        MlccError: one line that names all that are missing or too old.
    """
    wrong = [check for check in package_checks() if check.state == "missing"]
    if wrong:
        found = "; ".join(f"{check.name} ({check.found})" for check in wrong)
        raise MlccError(f"{purpose} needs {found}.", hint=install_command("mlcc[local]"))


def installed_version(package: str) -> str | None:
    """The version of an installed package, without importing it; ``None`` when it is not there."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        if find_spec(package) is None:
            return None
        return version(package)
    except (PackageNotFoundError, ValueError):
        return None


def device_check() -> Check:
    """Check the devices to train on, as far as they can be seen without torch."""
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        return Check("device", "ok", "NVIDIA GPU (its driver is there; torch decides)")
    if sys.platform == "darwin" and machine.machine() == "arm64":
        return Check("device", "ok", "Apple GPU")
    return Check(
        "device", "ok", f"CPU, {usable_cores()} cores: enough for small models; no GPU was found"
    )


def disk_check(root: Path) -> Check:
    """Space where the project keeps its jobs."""
    try:
        free = shutil.disk_usage(root).free
    except OSError as error:
        return Check("disk", "warning", f"{root}: {error.strerror}")
    if free < LITTLE_DISK:
        return Check("disk", "warning", f"{gib(free)} free at {root}", "free some space: df -h .")
    return Check("disk", "ok", f"{gib(free)} free")


def memory_check() -> Check:
    """Memory that a job could use now."""
    free = host_memory()
    if free is None:
        return Check("memory", "ok", "unknown")
    if free < LITTLE_MEMORY:
        return Check("memory", "warning", f"{gib(free)} available", "close other programs")
    return Check("memory", "ok", f"{gib(free)} available")


def gib(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / 2**30:.1f} GiB"
