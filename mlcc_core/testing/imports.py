"""Modules that an import loads, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

HEAVY = (
    *("accelerate", "boto3", "botocore", "datasets", "huggingface_hub", "numpy", "openai"),
    *("pandas", "peft", "polars", "pyarrow", "pydantic", "rich", "safetensors", "torch"),
    *("transformers", "trl"),
)
"""Packages that take tenths of a second and more: a plugin imports them inside its functions,
so that ``mlcc --help`` stays quick."""


def heavy_imports(statement: str) -> Sequence[str]:
    """Return the packages of :data:`HEAVY` that ``statement`` loads in a new process.

    Raises:
        subprocess.CalledProcessError: the statement fails.
    """
    show = f"import json, sys; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run(  # noqa: S603 - this very interpreter, with our own statement
        [sys.executable, "-c", f"{statement}\n{show}"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    loaded: list[str] = json.loads(done.stdout.splitlines()[-1])
    return loaded
