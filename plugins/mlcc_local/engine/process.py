"""What a process sets before it imports torch and its relatives."""

from __future__ import annotations

import os
from collections.abc import Callable


def quiet_libraries() -> None:
    """No telemetry, no bars or retries of libraries shown, no tokenizer threads; call it first.

    TRL reports every training run to the Hub unless it is told not to; transformers asks a
    service of the Hub to convert pickled weights.
    """
    os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_VERBOSITY"] = "error"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def quiet_transformers() -> None:
    """No bar while weights are loaded or saved; for processes that imported it already."""
    from transformers.utils import logging

    quiet: Callable[[], None] = logging.disable_progress_bar
    quiet()
