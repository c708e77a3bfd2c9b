"""The material of ``mlcc demo``: a real model, or a toy where that cannot be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlcc_core import Demo
from mlcc_engine.model import tiny
from mlcc_engine.model.models import default_cache
from mlcc_engine.smollm2 import model as smollm2

FOLDER = Path(__file__).parent

QUESTIONS = (
    "What is the capital of France?",
    "Which planet is closest to the Sun?",
    "What is the chemical symbol for water?",
)
"""Not in the dataset; the base answers them in a sentence, so that asking takes seconds."""

FLAGS = ("--learning-rate", "1e-3", "--epochs", "2", "--batch-size", "4")
"""24 rows, 12 steps: enough for a style that carries over, too few to forget what was known."""


def material() -> Demo:
    """Return the demo: SmolLM2 learns to speak like a sailor, or a toy learns eight facts."""
    toy = Demo(
        technique="sft",
        dataset=FOLDER / "facts.jsonl",
        flags=(),
        questions=("What is the capital of France?",),
        model=tiny.NAME,
        untrained=True,
    )
    return Demo(
        technique="sft",
        dataset=FOLDER / "sailor.jsonl",
        flags=FLAGS,
        questions=QUESTIONS,
        model=smollm2.NAME,
        prepare=prepare,
        fallback=toy,
    )


def prepare(say: Callable[[str], None]) -> None:
    """Fetch and convert the real model, if that has not been done.

    Raises:
        MlccError, PlatformError: it cannot be had.
    """
    smollm2.ensure(default_cache(), say)
