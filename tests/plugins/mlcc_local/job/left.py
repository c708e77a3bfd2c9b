"""What jobs leave and print, looked at."""

from __future__ import annotations

import shlex
from pathlib import Path

from mlcc_engine.model.models import default_cache


def words_of(step: str) -> list[str]:
    """Return the words of a printed command after ``mlcc``."""
    first, *words = shlex.split(step)
    return words if first == "mlcc" else [first.removeprefix("./do/"), *words]


def names_no_place(output: Path, root: Path) -> None:
    """Check that no text of an output names a place of this machine, and that no card is blank."""
    places = {str(root), str(Path.home()), str(default_cache())}
    for file in output.rglob("*"):
        if file.suffix != ".safetensors" and file.is_file():
            text = file.read_text(encoding="utf-8")
            assert not [place for place in places if place in text], file
            assert "More Information Needed" not in text
