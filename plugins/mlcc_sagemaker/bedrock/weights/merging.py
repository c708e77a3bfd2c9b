"""Adapters merged into their base on this machine, by the platform that trains here."""

from __future__ import annotations

from pathlib import Path

from mlcc_core import Context, ExportPlan, MlccError, PlatformError
from mlcc_core.helpers import disk_errors
from mlcc_engine.export import adapter_files
from mlcc_folders.serving.weights import adapter_config, check_adapter

HERE = "local"
"""The platform whose exporting merges."""


ELSEWHERE = (
    "mlcc export RUN --to merged --form merged --platform local && "
    "mlcc deploy --to bedrock --model-data merged --name NAME"
)
"""The commands that merge an adapter where its base is, and import what comes of it."""


def merged(context: Context, adapter: Path, scratch: Path) -> Path:
    """Merge an adapter into its base.

    Args:
        context: the surroundings.
        adapter: its folder.
        scratch: where the merged model may be written.

    Raises:
        MlccError: the base is not known or cannot be had here, with the commands that merge it
            elsewhere.
        PlatformError: this machine has no room for it.
    """
    check_adapter(adapter)
    base = _base(context, adapter)
    context.say(f"⏳ Merging the adapter into {base} on this machine: this takes minutes.")
    based, folder = scratch / "adapter", scratch / "merged"
    with disk_errors(scratch, doing="merge the adapter"):
        based.mkdir()
        folder.mkdir()
        adapter_files.write(adapter, base, based)
    try:
        here = context.platform(HERE)
        answering, exporting = here.answering, here.exporting
        subject = None if answering is None else answering.find_subject(context, str(based))
        if subject is None or exporting is None:
            raise MlccError("nothing on this machine merges it")
        if (lack := exporting.lacks(context, subject, "merged")) is not None:
            raise lack
        exporting.export(context, ExportPlan(subject, "merged"), folder)
    except PlatformError:
        raise
    except MlccError as error:
        raise MlccError(
            f"The adapter cannot be merged into {base} on this machine, and Bedrock imports whole "
            f"models: {error.what}",
            hint=error.hint or ELSEWHERE,
            detail=error.detail,
        ) from None
    return folder


def _base(context: Context, adapter: Path) -> str:
    """Return the adapter's base by a name that this machine knows.

    Jobs of SageMaker name a folder of theirs, or their hub's id: the project's model is meant then.

    Raises:
        MlccError: it is not known.
    """
    named = str(adapter_config(adapter).get("base_model_name_or_path") or "")
    model = context.settings.get("MODEL_ID", "")
    if known := context.hub_id(named):
        return known
    theirs = not named or named.startswith("/") or context.catalog_id(named) != named
    if not theirs and named != context.catalog_id(model):
        return named
    found = context.hub_id(model) or model
    if not found:
        raise MlccError(
            f"The adapter does not tell its base: adapter_config.json names {named!r}.",
            where="MODEL_ID",
            hint="set MODEL_ID in do/config   # to the model that it was trained on",
        )
    return found
