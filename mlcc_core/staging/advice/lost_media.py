"""Pictures and sounds that a text dataset cannot hold: refused, never dropped unnoticed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.request import DatasetJob

COLUMNS = ("image", "images", "video", "videos", "audio", "audios")
"""Columns of the files that marks in the text stand for (LLaMA-Factory's names among others)."""

MARK = re.compile(r"<(?:image|video|audio)>")


def lost_media(job: DatasetJob, files: Sequence[FilePreview]) -> MlccError | None:
    """The error for text whose first rows say "here is a picture", in a column that is not written.

    Pictures within messages need no such look: they are contents that are no strings.
    """
    if job.schema.keep_other_columns:
        return None
    lost = [name for name in COLUMNS if job.schema.column(name) is None]
    for file in files:
        column = next((name for name in file.file.columns if name in lost), None)
        marks = (mark for record in file.records for mark in MARK.findall(" ".join(_texts(record))))
        mark = next(marks, None) if column is not None else None
        if column is not None and mark is not None:
            aside = (*job.conversion.column_map, (column, f"{column}_left_out"))
            return MlccError(
                f"{file.file.name} has {mark} in its text for what is in column {column!r}, which "
                "a dataset of text cannot hold.",
                hint=f"{job.command_with(column_map=aside)}   # takes the text alone",
            )
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
