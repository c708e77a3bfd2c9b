"""The files that an ``hf://`` URI means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlcc_core import DatasetFile, Listing, MlccError
from mlcc_core.helpers import first_line, is_data_file, select_files, usual_suffixes
from mlcc_hf.choice import Choice, choose
from mlcc_hf.client import HubClient
from mlcc_hf.content import open_file, read_whole
from mlcc_hf.errors import hub_errors
from mlcc_hf.uri import HubUri, file_uri, parse

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo, RepoFile, RepoSibling

RELIABLE_ENTRIES = 1000
"""From this many on, the Hub may cut the list of files in its info short; huggingface_hub's own
threshold (its pull request 3565)."""

STANDALONE_CARD = ".huggingface.yaml"
"""Configs may stand here too; they override the README's header."""


def find(text: str, client: HubClient) -> Listing:
    """The files that the URI ``text`` means, at the commit that its revision is now.

    Raises:
        MlccError: no such dataset, revision, config, split or file; gated; private; no data.
        PlatformError: the Hub cannot be reached, or refuses the token.
    """
    uri = parse(text)
    with hub_errors(client, uri.repository, uri.revision):
        info = client.info(uri.repository, uri.revision)
        files = _files(info, client)
    if not any(is_data_file(name) for name in files):
        raise _no_data(uri, list(files))
    if info.gated:
        _try_to_read(client, files)
    choice = _choose(uri, info, files, client)
    names = choice.files
    if uri.file is not None:
        names = tuple(select_files(names, uri.file, label=info.id))
    notes = list(choice.notes)
    if info.id != uri.repository:
        notes.insert(0, f"renamed on the Hub: now {info.id}")
    return Listing(
        uri=text,
        files=tuple(files[name] for name in names),
        label=info.id,
        revision=info.sha,
        notes=tuple(notes),
    )


def _choose(
    uri: HubUri, info: DatasetInfo, files: dict[str, DatasetFile], client: HubClient
) -> Choice:
    names = sorted(files)
    if uri.file is not None and not uri.path and not uri.config:
        return Choice(tuple(name for name in names if is_data_file(name)))
    return choose(uri, names, _card(info, files, client))


def _files(info: DatasetInfo, client: HubClient) -> dict[str, DatasetFile]:
    """All files of the commit by their names, from the info or, where it falls short, the tree."""
    commit = str(info.sha)
    entries: Sequence[RepoSibling | RepoFile] = info.siblings or ()
    if len(entries) >= RELIABLE_ENTRIES or any(entry.size is None for entry in entries):
        entries = client.tree(info.id, commit)
    return {
        entry.rfilename: DatasetFile(
            name=entry.rfilename,
            uri=file_uri(info.id, commit, entry.rfilename),
            size=entry.size,
            fingerprint=f"sha256:{entry.lfs.sha256}" if entry.lfs else f"git:{entry.blob_id}",
        )
        for entry in entries
    }


def _card(info: DatasetInfo, files: dict[str, DatasetFile], client: HubClient) -> dict[str, Any]:
    """The repository's metadata: what the Hub read in the README, else what we read there."""
    header: Any = info.card_data
    card: dict[str, Any] = dict(header.to_dict()) if header is not None else {}
    if header is None and "README.md" in files:
        lines = read_whole(client, files["README.md"]).decode("utf-8", "replace").splitlines()
        if lines and lines[0] == "---" and "---" in lines[1:]:
            card = _yaml("\n".join(lines[1 : lines.index("---", 1)]), "README.md", info.id)
    if STANDALONE_CARD in files:
        content = read_whole(client, files[STANDALONE_CARD]).decode("utf-8", "replace")
        card.update(_yaml(content, STANDALONE_CARD, info.id))
    return card


def _yaml(text: str, name: str, label: str) -> dict[str, Any]:
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise MlccError(
            f"{name} of {label} holds YAML that cannot be read: {first_line(error)}",
            where="--dataset",
            hint=f"choose the files yourself: --dataset 'hf://{label}?file=*train*'",
        ) from None
    return value if isinstance(value, dict) else {}


def _try_to_read(client: HubClient, files: dict[str, DatasetFile]) -> None:
    """Read a byte, so that a gate is met now and not after the data was planned for."""
    smallest = min((f for f in files.values() if f.size), key=lambda f: f.size or 0, default=None)
    if smallest is not None:
        with open_file(smallest, client) as opened:
            opened.read(1)


def _no_data(uri: HubUri, names: list[str]) -> MlccError:
    scripts = [name for name in names if name == f"{uri.repository.split('/')[1]}.py"]
    shown = [name for name in sorted(names) if not name.startswith(".")]
    problem = (
        f"holds a loading script ({scripts[0]}), which is never run, and no data file"
        if scripts
        else "holds no data file"
    )
    return MlccError(
        f"Dataset {uri.repository} {problem}.",
        where="--dataset",
        hint=f"choose a dataset with {usual_suffixes()} files",
        detail=("It holds:", *(f"  {name}" for name in shown[:20])) if shown else ("It is empty.",),
    )
