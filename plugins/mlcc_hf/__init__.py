"""Datasets of the Hugging Face Hub."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlcc_core import Credential, Source
from mlcc_hf.web import addresses

if TYPE_CHECKING:
    from typing import BinaryIO

    from mlcc_core import Access, DatasetFile, Listing


class HubSource(Source):
    """``hf://`` URIs and the Hub's pages, read from ``HF_ENDPOINT`` or the public Hub."""

    name = "hf"
    api_version = "2.0"
    schemes = ("hf",)
    addresses = addresses(os.environ.get("HF_ENDPOINT"))
    uri_help = "hf://org/name[/split][?config=name][&split=name][&file=pattern][&revision=sha]"
    credential = Credential(
        variable="HF_TOKEN",
        purpose="private and gated datasets of the Hugging Face Hub",
        docs="https://huggingface.co/settings/tokens",
    )

    def list(self, uri: str, access: Access) -> Listing:
        from mlcc_hf.client import connect
        from mlcc_hf.listing import find

        return find(uri, connect(access, self.credential))

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        from mlcc_hf.client import connect
        from mlcc_hf.content import open_file

        return open_file(file, connect(access, self.credential))


plugin = HubSource()
