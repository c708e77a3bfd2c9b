"""A folder that becomes the content of a repository, in one commit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR
from typing import TYPE_CHECKING

from mlcc_core import Upload, Uploaded
from mlcc_core.helpers import plural
from mlcc_hf.client import HubClient
from mlcc_hf.models.refusals import write_errors

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

Operations = list["CommitOperationAdd | CommitOperationDelete"]


def send(client: HubClient, upload: Upload) -> Uploaded:
    """Upload a folder: large files first, each once, then one commit that names them all.

    A commit that would change nothing is not made; so is a request that is sent again after its
    answer was lost.

    Raises:
        MlccError: the repository has changed meanwhile, or a file is too large.
        PlatformError: the Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    api = HfApi(endpoint=client.endpoint)
    client.token.answers(401)  # asks for it: nothing is written without one
    with write_errors(client, upload.repo), _quiet():
        if upload.revision is None:
            client.attempt(
                lambda token: api.create_repo(
                    upload.repo, private=upload.private, token=token, exist_ok=True
                )
            )
        made = client.attempt(
            lambda token: api.create_commit(
                upload.repo,
                _operations(upload),
                commit_message=upload.message,
                commit_description=plural(len(upload.removed), "file") + " removed"
                if upload.removed
                else None,
                parent_commit=upload.revision,
                token=token,
            )
        )
    return Uploaded(client.page(upload.repo), made.oid)


def _operations(upload: Upload) -> Operations:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    files = sorted(path for path in upload.folder.rglob("*") if path.is_file())
    added: Operations = [
        CommitOperationAdd(path.relative_to(upload.folder).as_posix(), path) for path in files
    ]
    return [*added, *(CommitOperationDelete(path) for path in upload.removed)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out the library's own words on commits and its bars, which stay where they end."""
    from huggingface_hub.utils import logging
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    before, bars = logging.get_verbosity(), not are_progress_bars_disabled()
    logging.set_verbosity(ERROR)
    disable_progress_bars()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(before)
        if bars:
            enable_progress_bars()
