"""Names of the Hugging Face Hub's datasets that were given as if they were paths."""

from __future__ import annotations

import os
import re

from mlcc_core import OtherUri
from mlcc_core.helpers import data_suffix
from mlcc_file.address import FLAG

SITE = re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)/", re.IGNORECASE)
PART = r"[A-Za-z0-9_][\w.-]{0,95}"
NAME = re.compile(rf"(?!.*(?:--|\.\.))(?:datasets/{PART}/{PART}(?:/.*)?|{PART}/{PART}/?)", re.ASCII)


def check_not_of_the_hub(uri: str, place: str) -> None:
    """Check that a path at which nothing is does not look like the name of a dataset of the Hub.

    Args:
        uri: as the user gave it.
        place: its path.

    Raises:
        OtherUri: it does; the URI of that dataset is offered.
    """
    of_site = SITE.match(place)
    named = NAME.fullmatch(place) and not data_suffix(place) and not _is_folder(place)
    if of_site or named:
        raise OtherUri(
            f"{place} does not exist here; a dataset of the Hugging Face Hub begins with hf://.",
            where=FLAG,
            uri=f"{'https://' if of_site else 'hf://'}{uri}",
        )


def _is_folder(place: str) -> bool:
    """Return whether a file could have been meant, as its folder is there."""
    return os.path.isdir(os.path.dirname(place))  # noqa: PTH112, PTH120 - pathlib raises for long names
