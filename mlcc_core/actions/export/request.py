"""The request of ``export``, as typed, and its words understood."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core.actions.requests import flag_words
from mlcc_core.contract.platform.exporting import EXPORT_FORMATS, ExportForm, ExportFormat
from mlcc_core.errors import MlccError

PROMPTS = 20
SHARD_SIZE = "5GB"
GGUF = ".gguf"

SHORT = {"f32": "float32", "f16": "float16", "bf16": "bfloat16", "fp32": "float32"}
"""Other names of number formats: those of llama.cpp."""

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB|TB)\Z", re.IGNORECASE)
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True)
class ExportRequest:
    """One call of ``export``.

    Attributes:
        to: the folder, or a file that ends in ``.gguf``; neither may hold anything.
        target: a run, a technique, ``base``, a deployed name, a path; ``None`` for the newest run
            that completed.
        form: ``merged``, ``adapter`` or ``gguf``; ``None`` decides by ``to`` and target.
        dtype: number format of the weights; ``None`` for the platform's choice.
        max_shard_size: of a file of weights: ``5GB``, ``200MB``.
        prompts: how many are asked of what was written; 0 asks nothing.
        platform: the value of ``--platform``.
    """

    to: Path
    target: str | None = None
    form: ExportForm | None = None
    dtype: str | None = None
    max_shard_size: str = SHARD_SIZE
    prompts: int = PROMPTS
    platform: str | None = None

    @property
    def chosen_form(self) -> ExportForm:
        """Return the form that is meant.

        Raises:
            MlccError: ``to`` names a file of another form.
        """
        to_file = self.to.suffix == GGUF
        if to_file and self.form not in (None, "gguf"):
            raise MlccError(
                f"--to {self.to} is one file, and --form {self.form} writes a folder.",
                where="--to",
                hint=self.command_line(to=self.to.with_suffix("")),
            )
        return self.form or ("gguf" if to_file else "merged")

    @property
    def chosen_dtype(self) -> ExportFormat | None:
        """Return the number format by the name that platforms know.

        Raises:
            MlccError: it is none, or one that the form does not have.
        """
        if self.dtype is None:
            return None
        form = self.chosen_form
        names = EXPORT_FORMATS if form == "gguf" else EXPORT_FORMATS[:3]
        word = SHORT.get(self.dtype.lower(), self.dtype.lower())
        if form == "adapter":
            raise MlccError(
                "--dtype is given, and an adapter's files are exported as they are.",
                where="--dtype",
                hint=self.command_line(dtype=None),
            )
        if word not in names:
            raise MlccError(
                f"--dtype is {self.dtype!r}, expected one of: {', '.join(names)}.",
                where="--dtype",
                hint=self.command_line(dtype=None),
            )
        return next(name for name in names if name == word)

    @property
    def shard_bytes(self) -> int:
        """Return the size of a file of weights.

        Raises:
            MlccError: it is not a size.
        """
        match = SIZE.match(self.max_shard_size.strip())
        size = int(float(match[1]) * UNITS[match[2].upper()]) if match else 0
        if size < 1:
            raise MlccError(
                f"--max-shard-size is {self.max_shard_size!r}, expected a size: 5GB, 200MB.",
                where="--max-shard-size",
                hint=self.command_line(max_shard_size=SHARD_SIZE),
            )
        return size

    def check(self) -> None:
        """Refuse what no export could mean.

        Raises:
            MlccError: a value is none that its flag takes.
        """
        _ = self.chosen_form, self.chosen_dtype, self.shard_bytes
        if self.prompts < 0:
            raise MlccError(
                f"--prompts is {self.prompts}, expected 0 or more.",
                where="--prompts",
                hint=self.command_line(prompts=PROMPTS),
            )

    def command_line(self, **changed: Any) -> str:
        """Return the command of this request with other values, for hints."""
        given = dataclasses.replace(self, **changed)
        words = [
            ("mlcc export", True),
            (given.target or "", bool(given.target)),
            ("--to", given.to),
            ("--form", given.form),
            ("--dtype", given.dtype),
            ("--max-shard-size", _unless(given.max_shard_size, SHARD_SIZE)),
            ("--prompts", _unless(given.prompts, PROMPTS)),
            ("--platform", given.platform),
        ]
        return " ".join(flag_words(words))


def _unless(value: object, default: object) -> object:
    return None if value == default else value
