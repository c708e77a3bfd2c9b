"""``deploy --to bedrock``: shown before, imported once, waited for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlcc_core import Adapter, Charge, Context, MlccError
from mlcc_sagemaker.aws.account import Role, endpoint_of, import_role_of, region_of
from mlcc_sagemaker.aws.permissions import require_readable
from mlcc_sagemaker.aws.roles import BEDROCK, require_usable
from mlcc_sagemaker.bedrock import importing
from mlcc_sagemaker.bedrock.importing import Import
from mlcc_sagemaker.bedrock.models import (
    IMPORTED,
    WEIGHTS,
    describe_model,
    remember,
    remembered,
    source_of,
    tags_of,
)
from mlcc_sagemaker.bedrock.prices import import_charges
from mlcc_sagemaker.bedrock.weights.placing import as_it_is, place
from mlcc_sagemaker.bedrock.weights.source import FLAG, Source, find_source
from mlcc_sagemaker.bedrock.weights.supported import check_model, check_region, remarks
from mlcc_sagemaker.request.options.values import read_surroundings
from mlcc_sagemaker.serving import components
from mlcc_sagemaker.serving.standing.tags import PROJECT
from mlcc_sagemaker.serving.weights.artifacts import Folder

NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,63}\Z")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deployment that was asked for, all of it checked.

    Attributes:
        source: the weights.
        order: the import.
        region: where.
        there: the model is in Bedrock already.
    """

    source: Source
    order: Import
    region: str
    there: Adapter | None


def notice(context: Context, name: str, weights: str) -> Sequence[str]:
    """Describe what an import would make; nothing where it is made, or under way.

    Raises:
        MlccError: the name is taken, Bedrock does not take such a model, or there is none.
        PlatformError: no role is set, or Bedrock cannot be asked.
    """
    wanted = _wanted(context, name, weights)
    if wanted.there is not None:
        return ()
    job, running = importing.find_job(context, wanted.order)
    importing.require_free(context, wanted.order, job)
    role = _role(context, wanted.source)
    if running is not None:
        return ()
    model = wanted.source.model
    return (
        f"📋 Amazon Bedrock, Custom Model Import in {wanted.region}: the model {name}",
        f"   weights: {wanted.source.shown}{_before(context, wanted.source)}",
        *((f"   architecture: {model.architecture}",) if model else ()),
        f"   role: {role.arn}",
        *(remarks(model) if model else ()),
    )


def deploy_to(context: Context, name: str, weights: str, seconds: float) -> Adapter:
    """Import weights under a name, once, and wait until they can be asked.

    Args:
        context: the surroundings.
        name: of the imported model.
        weights: path or URI of a model, or of an adapter that is merged first.
        seconds: between two looks at the import.

    Raises:
        MlccError: the name is taken by other weights, or Bedrock does not take the model.
        PlatformError: a permission or a quota is lacking, or Bedrock cannot be asked.
    """
    wanted = _wanted(context, name, weights)
    if wanted.there is not None:
        remember(context, name)
        return wanted.there
    order = wanted.order
    job, running = importing.find_job(context, order)
    importing.require_free(context, order, job)
    with remembered(context, name, job):
        if running is None:
            role = _role(context, wanted.source)
            placed = place(context, wanted.source, wanted.region)
            importing.create(context, importing.request_of(context, order, job, placed, role))
        done = importing.wait(context, name, job, seconds)
    return Adapter(name, "model", source_of(done), IMPORTED)


def charges(context: Context, weights: str) -> Sequence[Charge]:
    """Return the charges for weights that are to be imported; errors are not raised."""
    try:
        model = find_source(context, weights).model
    except MlccError:
        model = None
    return import_charges(context, None if model is None else model.architecture)


def holds(context: Context, name: str, weights: str) -> bool:
    """Return whether an imported model was made of these very weights."""
    there = describe_model(context, name)
    if there is None:
        return False
    digest = tags_of(context, str(there["modelArn"])).get(WEIGHTS)
    return digest == find_source(context, weights).digest


def _wanted(context: Context, name: str, weights: str) -> Wanted:
    region = region_of(context)
    check_region(region)
    _check_name(context, name)
    around = read_surroundings(context, {}, region)
    source = find_source(context, weights)
    if source.model is not None:
        check_model(source.model, region, FLAG)
    return Wanted(
        source, Import(name, source.digest, around), region, _there(context, name, source)
    )


def _check_name(context: Context, name: str) -> None:
    if NAME.match(name) is None or len(name) > 63:
        raise MlccError(
            f"The name {name!r} does not fit: expected 1 to 63 letters, digits and single hyphens "
            "or underscores between them.",
            where="--name",
            hint="pass --name tuned-v1",
        )
    if name == endpoint_of(context):
        raise MlccError(
            f"The name {name!r} is that of the project's endpoint.",
            where="--name",
            hint="pass --name tuned-v1",
        )
    if name in components.component_names(context):
        raise MlccError(
            f"The name {name!r} is taken: it is deployed on the endpoint {endpoint_of(context)}.",
            where="--name",
            hint="./do/adapter list   # then choose another --name",
        )


def _there(context: Context, name: str, source: Source) -> Adapter | None:
    """Return the imported model of that name, if it was made of these weights.

    Raises:
        MlccError: it is another project's, or of other weights.
    """
    there = describe_model(context, name)
    if there is None:
        return None
    tags = tags_of(context, str(there["modelArn"]))
    if tags.get(PROJECT) == context.project and tags.get(WEIGHTS) == source.digest:
        return Adapter(name, "model", source_of(there), IMPORTED)
    if tags.get(PROJECT) == context.project:
        raise MlccError(
            f"The name {name!r} is taken by the imported model made of {source_of(there)}.",
            where="--name",
            hint=f"./do/adapter remove {name}   # or choose another --name",
        )
    owner = tags.get(PROJECT)
    whose = "something else" if owner is None else f"the project {owner!r}"
    raise MlccError(
        f"The name {name!r} is taken in Bedrock, by an imported model of {whose}.",
        where="--name",
        hint="choose another --name; aws bedrock list-imported-models shows those that are taken",
    )


def _role(context: Context, source: Source) -> Role:
    """Return the role of the import, which Bedrock must be let to take, and to read with.

    Raises:
        MlccError: Bedrock cannot take it.
        PlatformError: none is set, or it may not read the weights.
    """
    role = import_role_of(context)
    require_usable(context, role, BEDROCK)
    if as_it_is(context, source):
        require_readable(context, role, f"{source.shown}config.json", FLAG)
    return role


def _before(context: Context, source: Source) -> str:
    """Return what is done with weights before the import, to go on a line."""
    if as_it_is(context, source):
        return ""
    if source.adapter:
        return " (an adapter: merged into its base on this machine, then uploaded)"
    if isinstance(source.place, Folder):
        return " (copied within S3, with configs that Bedrock reads)"
    return " (uploaded to the tune bucket)"
