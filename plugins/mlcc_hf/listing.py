"""The files that an ``hf://`` URI means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlcc_core import DatasetFile, Listing, MlccError, OtherUri
from mlcc_core.helpers import is_data_file, select_files, usual_suffixes
from mlcc_hf.choice import choose, choose_copies, in_config, place_of
from mlcc_hf.client import HubClient
from mlcc_hf.content import open_file, read_whole
from mlcc_hf.copies import check_one_config, configs_of_copies, partial_splits
from mlcc_hf.errors import hub_errors
from mlcc_hf.uri import PARQUET, HubUri, file_uri, parse
from mlcc_splits import STANDALONE, Choice, Place, configs_of, header, mixed_splits

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo, ModelInfo, RepoFile, RepoSibling

RELIABLE_ENTRIES = 1000
"""From this many on, the Hub may cut the list of files in its info short; huggingface_hub's own
threshold (its pull request 3565)."""


def find(text: str, client: HubClient) -> Listing:
    """The files that the URI ``text`` means, at the commit that its revision is now.

    Raises:
        MlccError: no such dataset, revision, config, split or file; gated; private; no data.
        PlatformError: the Hub cannot be reached, or refuses the token.
    """
    uri = parse(text, client.endpoint)
    with hub_errors(client, uri.repository, uri.revision):
        info = client.info(uri.repository, uri.revision)
        files = _files(info, client)
    notes = [f"renamed on the Hub: now {info.id}"] if info.id != uri.repository else []
    if not any(is_data_file(name) for name in files):
        info, files, note = _copies(uri, info, files, client)
        uri = replace(uri, revision=PARQUET)
        notes.append(note)
    if info.gated:
        _try_to_read(client, files)
    choice = _choose(uri, info, files, client)
    names = choice.files
    if uri.file is not None:
        names = tuple(select_files(names, uri.file, label=info.id))
        notes += mixed_splits(names) if choice.split is None else ()
    if uri.revision == PARQUET:
        check_one_config(place_of(uri, list(files)), names)
        notes += partial_splits(names)
    return Listing(
        uri=text,
        files=tuple(files[name] for name in names),
        label=info.id,
        revision=info.sha,
        notes=(*notes, *choice.notes),
        shown=uri.with_parts() if uri.text.lower().startswith("http") else "",
        split=choice.split,
        other_splits={} if uri.file is not None else choice.other_splits,
    )


def _choose(
    uri: HubUri, info: DatasetInfo, files: dict[str, DatasetFile], client: HubClient
) -> Choice:
    if uri.file is not None and not (uri.path or uri.config or uri.split):
        return Choice(tuple(name for name in sorted(files) if is_data_file(name)))
    if uri.revision == PARQUET:
        return choose_copies(uri, list(files))
    place = place_of(uri, list(files))
    return choose(uri, place, configs_of(_card(info, files, client, place), place))


def _copies(
    uri: HubUri, info: DatasetInfo, files: dict[str, DatasetFile], client: HubClient
) -> tuple[DatasetInfo, dict[str, DatasetFile], str]:
    """Return the Parquet copies of a dataset without data files, and the note that says so.

    Raises:
        MlccError: the Hub has none.
    """
    from huggingface_hub.errors import RevisionNotFoundError

    refused = _no_data(uri, list(files))
    if uri.revision is not None:
        raise refused
    with hub_errors(client, uri.repository, PARQUET):
        try:
            copied = client.info(info.id, PARQUET)
        except RevisionNotFoundError:
            raise refused from None
        found = _files(copied, client)
    if not any(is_data_file(name) for name in found):
        raise refused
    without = _without(uri, files)
    configs = configs_of_copies(list(found))
    if configs.default is None and not uri.config and not in_config(uri, configs).config:
        names = sorted(configs.parts)
        raise OtherUri(
            f"Dataset {uri.repository} {without}; its Parquet copies have {len(names)} configs: "
            "name one.",
            uri=uri.with_parts(config=names[0], revision=PARQUET),
            detail=(f"Configs: {', '.join(names)}",),
        )
    return copied, found, f"{without}: read from its Parquet copies ({PARQUET})"


def _files(info: DatasetInfo, client: HubClient) -> dict[str, DatasetFile]:
    """All files of the commit by their names, from the info or, where it falls short, the tree."""
    return {
        entry.rfilename: DatasetFile(
            name=entry.rfilename,
            uri=file_uri(info.id, str(info.sha), entry.rfilename),
            size=entry.size,
            fingerprint=fingerprint(entry),
        )
        for entry in entries_of(info, client)
    }


def entries_of(
    info: DatasetInfo | ModelInfo, client: HubClient
) -> Sequence[RepoSibling | RepoFile]:
    """Return the files of a commit with their sizes, from its info or, where needed, the tree."""
    entries: Sequence[RepoSibling | RepoFile] = info.siblings or ()
    if len(entries) >= RELIABLE_ENTRIES or any(entry.size is None for entry in entries):
        return client.tree(info.id, str(info.sha))
    return entries


def fingerprint(entry: RepoSibling | RepoFile) -> str:
    """Return the checksum of a file as the Hub lists it, with its kind."""
    return f"sha256:{entry.lfs.sha256}" if entry.lfs else f"git:{entry.blob_id}"


def _card(
    info: DatasetInfo, files: dict[str, DatasetFile], client: HubClient, place: Place
) -> dict[str, Any]:
    """The repository's metadata: what the Hub read in the README, else what we read there."""
    given: Any = info.card_data
    card: dict[str, Any] = dict(given.to_dict()) if given is not None else {}
    for name in (*(() if given is not None else ("README.md",)), STANDALONE):
        if name in files:
            card.update(header(read_whole(client, files[name]), name, place))
    return card


def _try_to_read(client: HubClient, files: dict[str, DatasetFile]) -> None:
    """Read a byte, so that a gate is met now and not after the data was planned for."""
    smallest = min((f for f in files.values() if f.size), key=lambda f: f.size or 0, default=None)
    if smallest is not None:
        with open_file(smallest, client) as opened:
            opened.read(1)


def _no_data(uri: HubUri, names: list[str]) -> MlccError:
    shown = [name for name in sorted(names) if not name.startswith(".")]
    return MlccError(
        f"Dataset {uri.repository} {_without(uri, names)}.",
        where="--dataset",
        hint=f"choose a dataset with {usual_suffixes()} files",
        detail=("It holds:", *(f"  {name}" for name in shown[:20])) if shown else ("It is empty.",),
    )


def _without(uri: HubUri, names: Iterable[str]) -> str:
    """Return the words for a dataset without data files."""
    script = f"{uri.repository.split('/')[1]}.py"
    if script in names:
        return f"holds a loading script ({script}), which is never run, and no data file"
    return "holds no data file"
