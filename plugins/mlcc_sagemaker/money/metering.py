"""Meters: by what the hub says that serverless jobs of a model are charged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlcc_core import Context
from mlcc_sagemaker.request.hub import read_model

Meter = Literal["tokens", "hours"]

METERS: Mapping[str, Meter] = {"Token-based": "tokens", "Hourly": "hours"}
"""The hub's words, of recipes: by tokens as a rule for SFT and DPO, by hours for RL."""

EVALUATION = "Evaluation"


def meter_of(context: Context, model: str, serverless: Mapping[str, Any]) -> Meter | None:
    """Return the meter of a job; ``None`` where the hub names none, or several.

    Args:
        context: the surroundings.
        model: as the user named it.
        serverless: the job's ``ServerlessJobConfig``.

    Raises:
        MlccError: the hub does not have the model, or cannot be asked.
    """
    document = read_model(context, context.catalog_id(model)).document
    entries = document.get("RecipeCollection") or ()
    meters = {
        METERS.get(str(e.get("ServerlessMeteringType"))) for e in _of_job(entries, serverless)
    }
    return meters.pop() if len(meters) == 1 else None


def _of_job(entries: Any, serverless: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the recipes that the job may be run by; their lengths make no difference here."""
    evaluates = serverless.get("JobType") == EVALUATION
    for entry in entries:
        if evaluates:
            fits = entry.get("Type") == EVALUATION
        else:
            fits = entry.get("CustomizationTechnique") == serverless.get(
                "CustomizationTechnique"
            ) and bool(entry.get("Peft")) == bool(serverless.get("Peft"))
        if fits:
            yield entry
