"""Files of a repository on this machine: resumed where a connection broke, verified."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from mlcc_core import DatasetFile, HubModel, PlatformError
from mlcc_core.helpers import atomic_file, disk_errors
from mlcc_hf.client import HubClient
from mlcc_hf.content import open_at
from mlcc_hf.errors import hub_errors
from mlcc_hf.listing import entries_of, fingerprint

BLOCK = 8 << 20


def fetch(client: HubClient, found: HubModel, folder: Path, files: Sequence[str]) -> None:
    """Write files into a folder; one that is there with the listed checksum stays.

    Raises:
        PlatformError: the Hub cannot be reached, or sends other bytes than it lists.
    """
    with hub_errors(client, found.repo, found.revision):
        info = client.model_info(found.repo, found.revision)
        listed = {entry.rfilename: entry for entry in entries_of(info, client)}
    for path in files:
        entry, target = listed.get(path), folder / path
        if entry is None or not target.resolve().is_relative_to(folder.resolve()):
            raise PlatformError(
                f"{found.repo} has no file {path!r}.",
                where=client.where,
                hint=f"see {found.address}",
            )
        shown = f"{found.repo}/{path}"
        file = DatasetFile(path, shown, entry.size, fingerprint(entry))
        if not _is_there(target, file):
            _copy(client, found, file, target)


def _copy(client: HubClient, found: HubModel, file: DatasetFile, target: Path) -> None:
    with (
        open_at(client, found.repo, found.revision, file.name, file) as source,
        disk_errors(target, doing="download the model"),
        atomic_file(target) as sink,
    ):
        while block := source.read(BLOCK):
            sink.write(block)


def _is_there(target: Path, file: DatasetFile) -> bool:
    """Return whether the file is there, with the listed size and checksum."""
    if not target.is_file() or target.stat().st_size != file.size:
        return False
    kind, _, expected = file.fingerprint.partition(":")
    digest = hashlib.sha256()
    if kind == "git":
        digest = hashlib.sha1(b"blob %d\0" % (file.size or 0), usedforsecurity=False)
    with target.open("rb") as opened:
        while block := opened.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == expected
