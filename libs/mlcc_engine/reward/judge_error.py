"""The failure of a judge that stands for one missing score."""

from __future__ import annotations

from mlcc_core import MlccError


class JudgeError(MlccError):
    """A prompt without a score; its hint, which mends the prompt or a flag, is one to follow."""
