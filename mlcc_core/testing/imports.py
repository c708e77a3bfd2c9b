"""Modules that an import loads, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from mlcc_core.actions.plugins.importing import HEAVY


def heavy_imports(statement: str) -> Sequence[str]:
    """Return the packages of :data:`HEAVY` that ``statement`` loads in a new process.

    Raises:
        subprocess.CalledProcessError: the statement fails.
    """
    return loaded_by(statement, HEAVY)


def loaded_by(statement: str, packages: Sequence[str]) -> Sequence[str]:
    """Return the packages that ``statement`` loads in a new process.

    Args:
        statement: of Python.
        packages: those to look for.

    Raises:
        subprocess.CalledProcessError: the statement fails.
    """
    names = tuple(packages)
    show = f"import json, sys; print(json.dumps([m for m in {names!r} if m in sys.modules]))"
    done = subprocess.run(  # noqa: S603 - this very interpreter, with our own statement
        [sys.executable, "-c", f"{statement}\n{show}"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    loaded: list[str] = json.loads(done.stdout.splitlines()[-1])
    return loaded


class Measured(NamedTuple):
    """The import of a module in a process of its own.

    Attributes:
        seconds: it took, beyond mlcc itself.
        printed: on standard output.
    """

    seconds: float
    printed: str


def measure_import(module: str) -> Measured:
    """Import ``module`` in a new process.

    Raises:
        subprocess.CalledProcessError: the import fails.
    """
    code = (
        "import sys, time; import mlcc_core.contract.hookspecs, mlcc_core.loader.manager; "
        f"began = time.monotonic(); import {module}; "
        "print(time.monotonic() - began, file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603 - this very interpreter, with our own statement
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120
    )
    return Measured(float(done.stderr.splitlines()[-1]), done.stdout)
