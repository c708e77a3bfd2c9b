"""The channels of a job as the paths of its request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlcc_core import MlccError
from mlcc_engine.container import layout
from mlcc_engine.container.hyperparameters import Places

DATA = "input/data"

CONFIG, ADAPTER = "config.json", "adapter_config.json"
"""Files by which the folder of a model, and that of an adapter, are known."""


def places(root: Path, hyperparameters: Mapping[str, str], job: str) -> Places:
    """Return the paths of the request that these hyperparameters say.

    Args:
        root: of the container.
        hyperparameters: of the job, as they came.
        job: its name.

    Raises:
        MlccError: a channel that is needed is missing, or holds something else.
    """
    data = root / DATA
    lora = hyperparameters.get("training_type") == "lora"
    start = _folder(data / layout.START, (ADAPTER, CONFIG)) if "start" in hyperparameters else None
    model = data / layout.MODEL
    whole = start is not None and (Path(start) / CONFIG).is_file()
    return Places(
        dataset=_file(data / layout.TRAIN),
        output=str(root / "model" / (layout.ADAPTER_OUTPUT if lora else layout.MODEL_OUTPUT)),
        files=str(data / layout.CODE / layout.FILES),
        validation=_file(data / layout.VALIDATION) if (data / layout.VALIDATION).is_dir() else None,
        start=start,
        model=_folder(model, (CONFIG,)) if model.is_dir() else start if whole else None,
        job=job,
    )


def _file(channel: Path) -> str:
    """Return the one file with rows in a channel.

    Raises:
        MlccError: it has none, or several.
    """
    if not channel.is_dir():
        raise _missing(channel)
    files = sorted(path for path in channel.rglob("*") if path.is_file())
    if not files:
        raise MlccError(
            f"The channel {channel.name} of this job has no file, expected one with rows.",
            hint="stage the dataset again: run the same mlcc command with --force",
        )
    rows = files if len(files) == 1 else [path for path in files if path.suffix == ".jsonl"]
    if len(rows) != 1:
        names = ", ".join(path.name for path in files[:3])
        raise MlccError(
            f"The channel {channel.name} of this job has {len(files)} files ({names}), "
            "expected one .jsonl file with rows."
        )
    return str(rows[0])


def _folder(channel: Path, marks: tuple[str, ...]) -> str:
    """Return the folder in a channel that has a file of one of these names.

    Raises:
        MlccError: there is not just one.
    """
    if not channel.is_dir():
        raise _missing(channel)
    for mark in marks:
        found = [channel] if (channel / mark).is_file() else []
        found = found or sorted(path.parent for path in channel.rglob(mark))
        if len(found) == 1:
            return str(found[0])
    raise MlccError(
        f"The channel {channel.name} of this job has no folder with {' or '.join(marks)}, "
        "expected the files of one model."
    )


def _missing(channel: Path) -> MlccError:
    return MlccError(
        f"The channel {channel.name} of this job is missing.",
        hint="submit the job with mlcc, which adds its channels",
    )
