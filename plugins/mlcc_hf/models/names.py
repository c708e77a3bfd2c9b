"""Names of datasets, as cards of models link them."""

from __future__ import annotations

from mlcc_core import MlccError
from mlcc_hf.uri import parse
from mlcc_hf.web import ADDRESS


def dataset_id(uri: str) -> str | None:
    """Return the repository of a dataset of the Hub; ``None`` for any other URI."""
    if not uri.lower().startswith("hf://") and not ADDRESS.match(uri):
        return None
    try:
        return parse(uri).repository
    except MlccError:
        return None
