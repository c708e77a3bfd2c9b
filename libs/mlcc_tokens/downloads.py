"""Commands that download from the Hub, for hints."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from mlcc_core.helpers.hints import hint_kind, path_word


@hint_kind("files of the Hub, downloaded")
def downloaded(
    hub_id: str,
    patterns: Iterable[str] = (),
    folder: Path | None = None,
    revision: str | None = None,
) -> str:
    """Return the command that downloads a model, or files of it.

    Args:
        hub_id: of the model.
        patterns: of the names of the files; all without one.
        folder: takes them; otherwise the Hub's cache does.
        revision: of the model, a branch or a commit; ``None`` for its main one.
    """
    words = ["hf download", shlex.quote(hub_id)]
    if revision is not None:
        words.append(f"--revision {shlex.quote(revision)}")
    words += (f"--include {shlex.quote(pattern)}" for pattern in patterns)
    if folder is not None:
        words.append(f"--local-dir {path_word(folder)}")
    return " ".join(words)
