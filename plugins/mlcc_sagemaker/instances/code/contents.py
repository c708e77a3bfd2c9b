"""All that is in a job's channel ``code``, known by its content before any of it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlcc_engine.container.layout import FILES, REQUIREMENTS, SCRIPT, START_FILE, WHEELS
from mlcc_sagemaker.instances.code.files import Files
from mlcc_sagemaker.instances.code.requirements import requirements_text
from mlcc_sagemaker.instances.code.wheel import OWN, build_wheel

ENTRY_MODULE = "mlcc_engine.container.start"
"""The module whose source is the entry point: it imports nothing of ours, and runs alone."""

ROOT = "mlcc/code"

INPUTS = "inputs"
"""The part of a document with files that go to other channels."""


@dataclass(frozen=True)
class Code(Files):
    """The code of a job: its ``sources`` are what the user brings.

    They are named ``files/reward.py``, ``script/train.py``, ``wheels/trl-1.16.0-py3-none-any.whl``.

    Attributes:
        packages: that are in our wheel.
        requirements: path of the user's requirements file; ``None`` for none.
        engine: the engine runs; else a script of the user's, which chooses its packages.
        quantized: the engine holds weights in 4 bits.
        inputs: files of other channels, which are sent with it.
    """

    root: str = ROOT
    packages: tuple[str, ...] = OWN
    requirements: str | None = None
    engine: bool = True
    quantized: bool = False
    inputs: tuple[Files, ...] = ()

    @cached_property
    def made(self) -> Mapping[str, bytes]:
        """Return entry point, requirements and our wheel.

        Raises:
            MlccError: a package cannot be sent, or the user's requirements cannot be met.
        """
        own = Path(self.requirements) if self.requirements else None
        text = requirements_text(own, engine=self.engine, quantized=self.quantized)
        wheel = build_wheel(self.packages)
        return {
            START_FILE: _entry_point(),
            REQUIREMENTS: text.encode(),
            f"{WHEELS}/{wheel.name}": wheel.data,
        }

    def document(self) -> dict[str, Any]:
        return {
            **super().document(),
            "packages": list(self.packages),
            "requirements": self.requirements,
            "engine": self.engine,
            "quantized": self.quantized,
            INPUTS: [each.document() for each in self.inputs],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Code:
        """Return the code that a body says."""
        return cls(
            document["bucket"],
            document["root"],
            document["sources"],
            tuple(document["packages"]),
            document["requirements"],
            document["engine"],
            document["quantized"],
            tuple(
                Files(each["bucket"], each["root"], each["sources"]) for each in document[INPUTS]
            ),
        )


def in_files(name: str) -> str:
    """Return the name in the channel of a file that a request names by path."""
    return f"{FILES}/{name}"


def in_script(name: str) -> str:
    """Return the name in the channel of a user's script, or of a file beside it."""
    return f"{SCRIPT}/{name}"


def in_wheels(name: str) -> str:
    """Return the name in the channel of a wheel."""
    return f"{WHEELS}/{name}"


def _entry_point() -> bytes:
    spec = find_spec(ENTRY_MODULE)
    if spec is None or spec.origin is None:
        raise AssertionError("the entry point is part of the engine")
    return Path(spec.origin).read_bytes()
