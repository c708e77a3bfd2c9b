"""Files and documents at ``https://`` addresses, for sources.

Example:
    >>> token = Token(lambda: access.secret(CREDENTIAL), CREDENTIAL)
    >>> listing = read_json("https://data.example.org/index.json", token=token)
    >>> file = HttpFile("https://data.example.org/train.parquet", token=token)
    >>> file.size, file.version
    (5242880, '33a64df5')
    >>> with file.open() as reader:
    ...     reader.seek(-8, 2)
    ...     footer = reader.read()
"""

from mlcc_core.helpers.http.address import shown_url
from mlcc_core.helpers.http.connection import Answer, HttpError
from mlcc_core.helpers.http.documents import (
    read_document,
    read_json,
    read_pages,
    read_versioned,
)
from mlcc_core.helpers.http.file import HttpFile
from mlcc_core.helpers.http.retries import Failure, asked_wait, retry
from mlcc_core.helpers.http.target import ChangedError, DamagedError
from mlcc_core.helpers.http.token import Token

__all__ = [
    "Answer",
    "ChangedError",
    "DamagedError",
    "Failure",
    "HttpError",
    "HttpFile",
    "Token",
    "asked_wait",
    "read_document",
    "read_json",
    "read_pages",
    "read_versioned",
    "retry",
    "shown_url",
]
