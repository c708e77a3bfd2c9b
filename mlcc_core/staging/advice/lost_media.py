"""Images and sounds that a text dataset cannot hold: refused, never dropped silently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.column_map import extended
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.request import DatasetJob

COLUMNS = ("image", "images", "video", "videos", "audio", "audios")
"""Columns of the media that placeholders in the text stand for (among others LLaMA-Factory's)."""

PLACEHOLDER = re.compile(r"<(?:image|video|audio)>")


def lost_media(job: DatasetJob, files: Sequence[FilePreview]) -> MlccError | None:
    """Return the error for text with placeholders of media whose column is not written.

    Images within messages are found elsewhere: their contents are not strings.
    """
    if job.schema.keep_other_columns:
        return None
    lost = [name for name in COLUMNS if job.schema.column(name) is None]
    for file in files:
        column = next((name for name in file.file.columns if name in lost), None)
        placeholders = (
            placeholder
            for record in file.records
            for placeholder in PLACEHOLDER.findall(" ".join(_texts(record)))
        )
        placeholder = next(placeholders, None) if column is not None else None
        if column is not None and placeholder is not None:
            aside = extended(job.conversion.column_map, [(column, None)])
            return MlccError(
                f"{file.file.name} has {placeholder} in its text for what is in column {column!r}, "
                "which a dataset of text cannot hold.",
                hint=f"{job.command_with(column_map=aside)}   # takes the text alone",
            )
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
