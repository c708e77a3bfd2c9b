"""Folders of this machine that a job reads: models and outputs of earlier runs, brought along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlcc_core import Context, TrainingSpec
from mlcc_core.helpers import restored_path
from mlcc_engine.start import lineage
from mlcc_engine.start.content import fingerprint_of
from mlcc_folders.job.folders import JobFolder, jobs_folder, read_document
from mlcc_folders.model.models import resolve_model
from mlcc_folders.model.pinning import pinned
from mlcc_ray.storage import Storage

DIGITS = 32
"""Hexadecimal digits of a fingerprint that name a place."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The model of a job, and what it goes on from, as the cluster finds them.

    Attributes:
        model: a built-in name, a Hub id, or the place of a folder in the storage.
        start: the place in the storage of the output that is gone on from; ``None`` for none.
        uploads: folders of this machine, by their paths in the storage: known by their content,
            each is brought there once.
    """

    model: str
    start: str | None = None
    uploads: Mapping[str, str] = field(default_factory=dict)


def base_of(context: Context, path: str) -> str | None:
    """Return the model that the job of an output was asked to train, where its name alone tells.

    The cluster had a folder of this machine under another name, which its output does not know.

    Args:
        context: the surroundings of the project.
        path: of the output.

    Returns:
        The folder of this machine; ``None`` for a model that was none, or that is not known.
    """
    written = lineage.read(Path(path).expanduser())
    if written is None:
        return None
    folder = JobFolder(jobs_folder(context.root) / written.job)
    request, proof = read_document(folder.request), read_document(folder.proof)
    if request is None or proof is None:
        return None
    typed = (proof.get("asked") or {}).get(request.get("model"))
    brought = any(str(request.get("model")).endswith(f"/{place}") for place in proof["uploads"])
    return restored_path(context.root, str(typed)) if typed and brought else None


def find_folders(context: Context, spec: TrainingSpec, storage: Storage) -> Folders:
    """Find the model of a job and its start; nothing is uploaded or downloaded.

    Raises:
        MlccError: the model is none, or its folder is damaged.
    """
    uploads: dict[str, str] = {}
    start = None
    if spec.start is not None:
        place = f"starts/{spec.start.fingerprint[:DIGITS]}"
        uploads[place] = spec.start.output.path
        start = storage.address(place)
        if spec.start.output.kind == "model":
            return Folders(start, start, uploads)
    model = pinned(resolve_model(spec.model, context.root, context.hub_id))
    if Path(model).is_absolute():
        place = f"models/{fingerprint_of(Path(model), 'model')[:DIGITS]}"
        uploads[place] = model
        model = storage.address(place)
    return Folders(model, start, uploads)
