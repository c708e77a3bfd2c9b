"""A request's body, read as the spec that it was made of.

Its part ``request`` is what the engine reads. ``fingerprints`` change with the content of the files
that it names. ``asked`` maps what the request needed in another form (a path made absolute, a Hub
id) to the form that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from mlcc_core import ReportedSpec
from mlcc_engine.engine import reported_by
from mlcc_folders.model.pinning import commit_in


def read_spec(body: Mapping[str, object]) -> ReportedSpec:
    """Read what a request body says."""
    request = cast("Mapping[str, Any]", body["request"])
    asked = cast("Mapping[str, str]", body.get("asked") or {})
    fingerprints = cast("Mapping[str, str]", body.get("fingerprints") or {})
    found = reported_by(request)
    checksum = {"evaluator_checksum": fingerprints["evaluator"]} if found.evaluator else {}
    commit = commit_in(found.model)
    revision = {} if commit is None else {"model_revision": commit}
    return replace(
        found,
        model=asked.get(found.model, found.model),
        dataset=asked.get(found.dataset, found.dataset) if found.dataset else None,
        validation=asked.get(found.validation, found.validation) if found.validation else None,
        evaluator=asked.get(found.evaluator, found.evaluator) if found.evaluator else None,
        extra={**checksum, **revision, **found.extra},
    )
