"""llama.cpp's own converter to GGUF, where this machine has it; it is never downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

from mlcc_core import MlccError
from mlcc_core.helpers import disk_error, install_command
from mlcc_engine.child.child import tail

SCRIPT = "convert_hf_to_gguf.py"
VARIABLE = "LLAMA_CPP_DIR"

GET = (
    f"git clone --depth 1 https://github.com/ggml-org/llama.cpp && export {VARIABLE}=$PWD/llama.cpp"
)
"""The commands that bring it."""

PACKAGES = ("gguf", "sentencepiece")
"""Packages beside torch and transformers that it imports for most models."""

OUTTYPES: Mapping[str, str] = {
    "float32": "f32",
    "float16": "f16",
    "bfloat16": "bf16",
    "q8_0": "q8_0",
}
"""Its names of number formats."""

FULL = ("No space left on device", "File too large", "Disk quota exceeded")
"""Words of the system that its output ends with where the disk is full."""


def find() -> Path | None:
    """Return the converter of ``LLAMA_CPP_DIR``, else the one on PATH."""
    if chosen := os.environ.get(VARIABLE):
        path = Path(chosen).expanduser().absolute() / SCRIPT
        return path if path.is_file() else None
    found = shutil.which(SCRIPT)
    return None if found is None else Path(found).resolve()


def lacking() -> MlccError | None:
    """Return the error for a machine where it cannot run; ``None`` where it can."""
    if find() is not None:
        needed = [package for package in PACKAGES if find_spec(package) is None]
        if not needed:
            return None
        return MlccError(
            f"llama.cpp's {SCRIPT} needs the Python package {needed[0]!r}, which is not installed.",
            hint=install_command(*needed),
        )
    if chosen := os.environ.get(VARIABLE):
        return MlccError(
            f"{VARIABLE} is {chosen}, which has no {SCRIPT}; expected a copy of llama.cpp.",
            where=VARIABLE,
            hint=GET,
        )
    return MlccError(
        f"GGUF is written by llama.cpp's {SCRIPT}, which is neither on PATH nor in {VARIABLE}.",
        hint=GET,
    )


def convert(model: Path, file: Path, name: str, dtype: str) -> None:
    """Convert a folder in the layout of the Hub to one file.

    Args:
        model: the folder.
        file: is written.
        name: of the model, in the file's metadata.
        dtype: number format of the weights, by our name.

    Raises:
        MlccError: the converter is missing, or refuses the model.
        PlatformError: the disk is full.
    """
    if (error := lacking()) is not None:
        raise error
    words = [str(find()), str(model), "--outfile", str(file), "--model-name", name]
    # It is a process of our group, and ends with it.
    with TemporaryFile() as printed:
        done = subprocess.run(  # noqa: S603 - the user's own copy of llama.cpp
            [sys.executable, *words, "--outtype", OUTTYPES[dtype]],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            cwd=model,
            check=False,
        )
        lines = tail(printed)
    if any(word in line for line in lines for word in FULL):
        raise disk_error(OSError(28, "No space left on device"), doing=f"write {file.name}")
    if done.returncode != 0 or not file.is_file():
        raise MlccError(
            f"llama.cpp's {SCRIPT} cannot convert this model (exit code {done.returncode}).",
            hint="a newer llama.cpp may: git -C $LLAMA_CPP_DIR pull",
            detail=[line.replace(str(model), "MODEL") for line in lines],
        )
