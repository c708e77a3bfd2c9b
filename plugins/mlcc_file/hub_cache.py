"""Folders in which the Hub's own library keeps what it has downloaded: one for each commit."""

from __future__ import annotations

from pathlib import Path

from mlcc_core import OtherUri
from mlcc_file.address import FLAG
from mlcc_file.paths import shown, text_of


def snapshot_of(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the folder with the files of one commit, and a note; any other folder as it is.

    Args:
        folder: that may be ``~/.cache/huggingface/hub/datasets--org--name``.

    Raises:
        MlccError: several commits are there, and none is known to be that of ``main``.
    """
    kept = folder / "snapshots"
    if not (kept.is_dir() and (folder / "refs").is_dir()):
        return folder, ()
    commits = sorted(entry.name for entry in kept.iterdir() if entry.is_dir())
    main = _main(folder)
    if main not in commits:
        if len(commits) != 1:
            example = kept / (commits[0] if commits else "<commit>")
            raise OtherUri(
                f"{shown(folder)} holds {len(commits)} commits of a dataset and none is main.",
                where=FLAG,
                uri=text_of(example),
                detail=(f"Commits: {', '.join(commits) or '(none)'}",),
            )
        main = commits[0]
    return kept / main, (f"commit {main[:7]}, from the cache of the Hub's library",)


def _main(folder: Path) -> str:
    try:
        return (folder / "refs" / "main").read_text().strip()
    except (OSError, ValueError):
        return ""
