"""A card beside the output of a run, where that is a folder on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from mlcc_core.actions.session import Session
from mlcc_core.helpers.files import remove_old_drafts, write_atomically
from mlcc_core.helpers.text import one_line
from mlcc_core.project.records import read_record

CARD = "README.md"


def write_card(session: Session, job: str) -> Path | None:
    """Write the card of a run into its output; a run that cannot have one is told of, no more.

    Returns:
        Its path; ``None`` where the output is elsewhere.
    """
    from mlcc_core.actions.card.card import card_text

    try:
        record = read_record(session.project, job)
        if record is None or record.output is None or not Path(record.output.path).is_dir():
            return None
        path = Path(record.output.path) / CARD
        data = card_text(session, record).encode()
        remove_old_drafts(path.parent, CARD)
        if not path.is_file() or path.read_bytes() != data:
            write_atomically(path, data, mode=_usual_mode(path))
    except Exception as error:
        session.say(f"⚠️  The model card of {job} could not be written: {one_line(error)}")
        return None
    return path


def _usual_mode(path: Path) -> int:
    """Return the mode that a new file has where a file is written, by umask or the folder."""
    probe = path.with_name(f".{path.name}.{os.getpid()}-probe.partial")  # a draft, if it stays
    probe.touch()
    try:
        return probe.stat().st_mode & 0o777
    finally:
        probe.unlink()
