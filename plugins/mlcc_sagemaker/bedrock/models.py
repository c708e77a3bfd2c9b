"""Imported models of the project: named in ``do/config``, described, tagged, listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mlcc_core import Adapter, Context, MlccError
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.serving.standing.tags import PROJECT

NAMES = "BEDROCK_MODELS"
"""The variable of ``do/config`` that names the project's imported models, with spaces between."""

WEIGHTS, ARCHITECTURE = "mlcc:weights", "mlcc:architecture"
"""Tags of an imported model: the digest of its weights, and its class in ``config.json``."""

IMPORTED, IMPORTING = "Imported", "Importing"
"""States, in our words: Bedrock has none for models."""


def named_models(context: Context) -> list[str]:
    """Return the names that ``do/config`` has."""
    return context.settings.get(NAMES, "").replace(",", " ").split()


def remember(context: Context, name: str) -> None:
    """Name a model in ``do/config``."""
    names = named_models(context)
    if name not in names:
        context.save({NAMES: " ".join((*names, name))})


@contextmanager
def remembered(context: Context, name: str, job: str) -> Iterator[None]:
    """Name a model in ``do/config`` before the block makes it; no longer, if nothing will come.

    Args:
        context: the surroundings.
        name: of the model.
        job: the name of its import: one that goes on makes a model that costs money, whatever
            became of the block.
    """
    names = named_models(context)
    remember(context, name)
    try:
        yield
    except MlccError:
        if name not in names and _is_over(context, job):
            context.save({NAMES: " ".join(names)})
        raise


def _is_over(context: Context, job: str) -> bool:
    """Return whether an import was never begun, or has failed; no where Bedrock cannot tell."""
    try:
        there = describe_job(context, job)
    except MlccError:
        return False
    return there is None or there["status"] == "Failed"


def forget_models(context: Context, gone: Sequence[str]) -> None:
    """Name models no longer.

    Args:
        context: the surroundings, with the names from before the command.
        gone: all that the command has removed.
    """
    names = named_models(context)
    left = [name for name in names if name not in gone]
    if left != names:
        context.save({NAMES: " ".join(left)})


def describe_model(
    context: Context, identifier: str, attempts: int = 5
) -> Mapping[str, Any] | None:
    """Return an imported model of the account by name or ARN; ``None`` when it is not there."""
    answer: Mapping[str, Any] | None = found(
        lambda: client(context, "bedrock", attempts=attempts).get_imported_model(
            modelIdentifier=identifier
        ),
        f"look at the imported model {identifier}",
        "bedrock:GetImportedModel",
    )
    return answer


def require_model(context: Context, name: str) -> Mapping[str, Any]:
    """Return an imported model that can be asked.

    Raises:
        MlccError: it is not there, or still on its way.
    """
    there = describe_model(context, name)
    if there is None:
        raise MlccError(
            f"The model {name!r} is not in Bedrock, or its import has not ended.",
            hint="./do/adapter list",
        )
    return there


def tags_of(context: Context, arn: str, attempts: int = 5) -> Mapping[str, str]:
    """Return the tags of an imported model or a job; none where it is gone."""
    answer = found(
        lambda: client(context, "bedrock", attempts=attempts).list_tags_for_resource(
            resourceARN=arn
        ),
        f"read the tags of {arn}",
        "bedrock:ListTagsForResource",
    )
    return {tag["key"]: tag["value"] for tag in (answer or {}).get("tags", ())}


def require_own(context: Context, name: str, tags: Mapping[str, str]) -> None:
    """Refuse an imported model that is not this project's.

    Raises:
        MlccError: it belongs to another project, or to none.
    """
    owner = tags.get(PROJECT)
    if owner != context.project:
        whose = "to no project" if owner is None else f"to the project {owner!r}"
        raise MlccError(
            f"The imported model {name} belongs {whose} (its tag {PROJECT}), not to "
            f"{context.project!r}.",
            hint="mlcc doctor   # shows what this project has deployed",
        )


def cannot_change(name: str) -> MlccError:
    """Return the error for other weights for an imported model, which keeps those that it has."""
    return MlccError(
        f"{name!r} is a model of Bedrock, which keeps the weights that it was imported with.",
        hint=f"./do/adapter remove {name}   # then import the others: mlcc deploy --to bedrock",
    )


def running_jobs(context: Context) -> Iterator[Mapping[str, Any]]:
    """Yield the account's imports that are under way, as lists show them."""
    with aws_call("list the import jobs", "bedrock:ListModelImportJobs"):
        pages = client(context, "bedrock").get_paginator("list_model_import_jobs")
        for page in pages.paginate(statusEquals="InProgress"):
            yield from page.get("modelImportJobSummaries", ())


def describe_job(context: Context, identifier: str) -> Mapping[str, Any] | None:
    """Return an import job by name or ARN; ``None`` when there is none."""
    answer: Mapping[str, Any] | None = found(
        lambda: client(context, "bedrock").get_model_import_job(jobIdentifier=identifier),
        f"look at the import job {identifier}",
        "bedrock:GetModelImportJob",
    )
    return answer


def deployed_models(context: Context) -> list[Adapter]:
    """List the imported models that ``do/config`` names, those on their way included."""
    listed, absent = [], []
    for name in named_models(context):
        there = describe_model(context, name)
        if there is None:
            absent.append(name)
        else:
            listed.append(as_adapter(there))
    for row in running_jobs(context) if absent else ():
        if row.get("importedModelName") in absent:
            job = describe_job(context, row["jobArn"]) or {}
            listed.append(
                Adapter(str(row["importedModelName"]), "model", source_of(job), IMPORTING)
            )
    return sorted(listed, key=lambda item: item.name)


def as_adapter(model: Mapping[str, Any]) -> Adapter:
    """Return an imported model in the framework's words."""
    return Adapter(str(model["modelName"]), "model", source_of(model), IMPORTED)


def source_of(described: Mapping[str, Any]) -> str:
    """Return the URI of the weights of a model or a job."""
    source = (described.get("modelDataSource") or {}).get("s3DataSource") or {}
    return str(source.get("s3Uri") or "")
