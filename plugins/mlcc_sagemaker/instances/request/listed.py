"""Weights in S3 known by their listing: names, sizes and ETags, which change with the content."""

from __future__ import annotations

import hashlib
import json

from mlcc_engine.start.content import LISTED
from mlcc_sagemaker.serving.weights.artifacts import Folder


def fingerprint_of(folder: Folder) -> str:
    """Return a text that changes with the files of a folder, wherever the folder lies."""
    files = sorted((f.key.removeprefix(folder.prefix), f.size, f.etag) for f in folder.files)
    return f"{LISTED}{hashlib.sha256(json.dumps(files).encode()).hexdigest()}"
