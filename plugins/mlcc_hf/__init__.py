"""Datasets of the Hugging Face Hub, and its models."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlcc_core import Credential, ModelHub, Source
from mlcc_hf.web import addresses

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from mlcc_core import Access, DatasetFile, HubModel, Listing, Upload, Uploaded

CREDENTIAL = Credential(
    variable="HF_TOKEN",
    purpose="private and gated datasets of the Hugging Face Hub, and pushing models",
    docs="https://huggingface.co/settings/tokens",
)


class HubSource(Source):
    """``hf://`` URIs and the Hub's pages, read from ``HF_ENDPOINT`` or the public Hub."""

    name = "hf"
    api_version = "2.0"
    schemes = ("hf",)
    addresses = addresses(os.environ.get("HF_ENDPOINT"))
    uri_help = "hf://org/name[/split][?config=name][&split=name][&file=pattern][&revision=sha]"
    credential = CREDENTIAL

    def list(self, uri: str, access: Access) -> Listing:
        from mlcc_hf.client import connect
        from mlcc_hf.listing import find

        return find(uri, connect(access, self.credential))

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        from mlcc_hf.client import connect
        from mlcc_hf.content import open_file

        return open_file(file, connect(access, self.credential))


class HuggingFaceHub(ModelHub):
    """Models of the Hub at ``HF_ENDPOINT``, or of the public one."""

    name = "hf"
    api_version = "2.0"
    title = "Hugging Face Hub"
    credential = CREDENTIAL

    def fits(self, text: str) -> bool:
        from mlcc_hf.uri import REPOSITORY

        return REPOSITORY.match(text) is not None

    def dataset_id(self, uri: str) -> str | None:
        from mlcc_hf.models.names import dataset_id

        return dataset_id(uri)

    def find(self, access: Access, repo: str, revision: str | None = None) -> HubModel | None:
        from mlcc_hf.models.find import client_for, find

        return find(client_for(access), repo, revision)

    def check_upload(self, access: Access, repo: str) -> None:
        from mlcc_hf.models.account import check_account
        from mlcc_hf.models.find import client_for

        check_account(client_for(access), repo, keeps_secrets=access.keeps_secrets)

    def upload(self, access: Access, upload: Upload) -> Uploaded:
        from mlcc_hf.models.find import client_for
        from mlcc_hf.models.upload import send

        return send(client_for(access), upload)

    def download(self, access: Access, found: HubModel, folder: Path, files: Sequence[str]) -> None:
        from mlcc_hf.models.download import fetch
        from mlcc_hf.models.find import client_for

        fetch(client_for(access), found, folder, files)


plugin = HubSource()


def mlcc_sources() -> Sequence[Source]:
    """Return the source of datasets."""
    return [plugin]


def mlcc_model_hubs() -> Sequence[ModelHub]:
    """Return the place that models are pushed to."""
    return [HuggingFaceHub()]
