"""The models of the project's endpoint, as an evaluation asks them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mlcc_aws.errors import AccessDenied
from mlcc_core import Context, MlccError, Output, Subject
from mlcc_sagemaker.answering.asking import AnyPlace, Place
from mlcc_sagemaker.aws.account import endpoint_of, model_of, split_uri
from mlcc_sagemaker.aws.calls import client, found
from mlcc_sagemaker.bedrock import models as imported
from mlcc_sagemaker.bedrock.asking import ImportedPlace
from mlcc_sagemaker.bedrock.weights.placing import place_of_copy
from mlcc_sagemaker.bedrock.weights.source import find_source
from mlcc_sagemaker.serving import components, names
from mlcc_sagemaker.serving.hosting import find_hosting
from mlcc_sagemaker.serving.own.names import same_model
from mlcc_sagemaker.serving.standing.unchanged import serves_base
from mlcc_sagemaker.serving.weights import hints
from mlcc_sagemaker.serving.weights.artifacts import find_adapter
from mlcc_sagemaker.serving.weights.packing import files_in_s3, packed_uri

BASE = "base"

ANSWERING = frozenset({"InService", "Updating"})
"""States of a component in which it answers."""


def find_subject(context: Context, text: str) -> Subject | None:
    """Return the adapter or model that is deployed under a name, or the base by its model's name.

    Raises:
        MlccError: weights in S3, or a model of the catalog, that are not deployed.
    """
    ours = context.settings.get("MODEL_ID", "")
    if text.startswith("s3://") and not same_model(context, text, ours):
        raise MlccError(
            f"{text} cannot be asked before it is deployed.",
            hint=hints.deployed("adapter", text),
        )
    if text in components.component_names(context):
        if text == names.base_component(context):
            return base_subject(context, model_of(context))
        return _deployed(context, text, title=text, model=model_of(context))
    if text in imported.named_models(context):
        return _imported(context, text, title=text, model=model_of(context))
    if context.hub_id(text) is not None or same_model(context, text, ours):
        return base_subject(context, text)
    return None


def base_subject(context: Context, model: str) -> Subject:
    """Return the base component of the project's endpoint.

    Raises:
        MlccError: nothing is deployed, another model is, or a tuned one in the base's place.
    """
    endpoint = endpoint_of(context)
    if not same_model(context, model, model_of(context)):
        raise MlccError(
            f"The model {model!r} is not deployed: the endpoint {endpoint} serves "
            f"{model_of(context)}.",
            hint=f"set MODEL_ID={context.catalog_id(model)} in do/config, then: mlcc undeploy, "
            "mlcc deploy",
        )
    name = components.require_base(context)
    there = _described(context, name)
    serves = str((there.get("Specification") or {}).get("ModelName") or "")
    if not serves_base(context, find_hosting(context), serves):
        raise MlccError(
            f"The endpoint {endpoint} serves the model at {_source(context, there)} in place of "
            f"{model!r}.",
            hint="mlcc undeploy, then: mlcc deploy",
        )
    return Subject(BASE, model, _fingerprint(context, there))


def deployed_base(context: Context) -> Subject:
    """Return the base component, whatever model it serves.

    Raises:
        MlccError: nothing is deployed.
    """
    there = _described(context, components.require_base(context))
    return Subject(BASE, model_of(context), _fingerprint(context, there))


def run_subject(context: Context, job: str, model: str, output: Output) -> Subject:
    """Return the component that was deployed from a run's output, or the output alone.

    An output that is not deployed can be exported; :func:`component_of` refuses to ask it.

    Raises:
        MlccError: the output is gone from S3.
    """
    beside, models = components.deployed(context), imported.deployed_models(context)
    there = [item for item in models if item.status == imported.IMPORTED]
    deployed = [*beside, *there]
    places = _places(context, output) if deployed else []
    for item in deployed:
        if _is_from(item.source, places):
            make = _deployed if item in beside else _imported
            return make(context, item.name, title=job, model=model, output=output)
    base = components.describe(context, names.base_component(context))
    if base is not None and _is_from(_source(context, base), [output.path]):
        # `mlcc deploy --force-ic` put it in the place of the base model.
        return _deployed(context, names.base_component(context), job, model, output)
    copy = [place_of_copy(context, find_source(context, output.path))] if there else []
    for item in there:
        if _is_from(item.source, copy):
            return _imported(context, item.name, title=job, model=model, output=output)
    mark = hashlib.sha256(json.dumps(["output", output.path]).encode()).hexdigest()[:32]
    return Subject(job, model, mark, output)


def place_of(context: Context, subject: Subject) -> AnyPlace:
    """Return the place of a subject, which must answer.

    Raises:
        MlccError: it is not there, or not in service.
    """
    name = subject.deployed
    if name is not None and name in imported.named_models(context):
        return ImportedPlace(name, str(imported.require_model(context, name)["modelArn"]))
    return Place(endpoint_of(context), component_of(context, subject))


def has_base(context: Context, subject: Subject) -> bool:
    """Return whether a base model answers beside a deployed model: one of Bedrock needs none."""
    if subject.deployed not in imported.named_models(context):
        return True
    there = components.describe(context, names.base_component(context))
    return there is not None and there.get(components.STATUS) in ANSWERING


def component_of(context: Context, subject: Subject) -> str:
    """Return the name of a subject's component, which must answer.

    Raises:
        MlccError: it is not there, or not in service.
    """
    if subject.output is not None and subject.deployed is None:
        raise _not_deployed(context, subject.title, subject.output)
    name = subject.deployed or names.base_component(context)
    there = _described(context, name)
    status = there.get(components.STATUS)
    if status not in ANSWERING:
        raise MlccError(f"{name!r} is {status}, expected InService.", hint="./do/adapter list")
    return name


def component_fingerprint(context: Context, name: str) -> str | None:
    """Return what changes with the weights of any component of the account.

    Returns:
        ``None`` for one that is not there.
    """
    there = components.describe(context, name)
    return None if there is None else _fingerprint(context, there)


def _not_deployed(context: Context, job: str, output: Output) -> MlccError:
    command = "adapter add" if output.kind == "adapter" else "add-ic"
    return MlccError(
        f"The output of the run {job} is not deployed on the endpoint {endpoint_of(context)}.",
        hint=f"./do/{command} NAME --from-tune {job}",
    )


def _deployed(
    context: Context, name: str, title: str, model: str, output: Output | None = None
) -> Subject:
    there = _described(context, name)
    if output is None:
        kind = components.as_adapter(context, there).kind
        output = Output(kind, _source(context, there))
    return Subject(title, model, _fingerprint(context, there), output, name)


def _imported(
    context: Context, name: str, title: str, model: str, output: Output | None = None
) -> Subject:
    """Return a model of Bedrock; another import, under the same name too, has another ARN."""
    there = imported.require_model(context, name)
    output = output or Output("model", imported.source_of(there))
    mark = hashlib.sha256(json.dumps(["imported", there["modelArn"]]).encode()).hexdigest()[:32]
    return Subject(title, model, mark, output, name)


def _described(context: Context, name: str) -> Mapping[str, Any]:
    there = components.describe(context, name)
    endpoint = endpoint_of(context)
    if there is None or there["EndpointName"] != endpoint:
        raise MlccError(
            f"{name!r} is not deployed on the endpoint {endpoint}.", hint="./do/adapter list"
        )
    return there


def _places(context: Context, output: Output) -> list[str]:
    """Return the URIs from which a run's output may have been deployed.

    An adapter is deployed from an archive of its files, whose URI follows from them.
    """
    if output.kind != "adapter":
        return [output.path]
    place = find_adapter(context, output.path)
    if isinstance(place, str):
        return [output.path, place]
    return [output.path, packed_uri(context, files_in_s3(context, place))]


def _is_from(source: str, places: list[str]) -> bool:
    return any(f"{source.rstrip('/')}/".startswith(f"{place.rstrip('/')}/") for place in places)


def _fingerprint(context: Context, component: Mapping[str, Any]) -> str:
    """Return a hash of the weights that a component serves, those of its base included.

    The name alone would not do: another adapter may have taken it. Weights in S3 may have been
    replaced since the component was created, which loads them then; so its time counts, too.
    """
    specification = component.get("Specification") or {}
    parts: list[object] = [
        specification.get("ModelName"),
        _source(context, component),
        _etag(context, _source(context, component)),
        _created(component),
    ]
    base = specification.get("BaseInferenceComponentName")
    if base:
        parts.append(_fingerprint(context, _described(context, str(base))))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _source(context: Context, component: Mapping[str, Any]) -> str:
    return components.as_adapter(context, component).source


def _created(component: Mapping[str, Any]) -> float | None:
    moment = component.get("CreationTime")
    return None if moment is None else float(moment.timestamp())


def _etag(context: Context, uri: str) -> str:
    """Return the ETag of an archive; empty for a folder, and where it cannot be looked at."""
    if not uri.startswith("s3://") or uri.endswith("/"):
        return ""
    bucket, key = split_uri(uri)
    try:
        answer = found(
            lambda: client(context, "s3").head_object(Bucket=bucket, Key=key),
            f"look at {uri}",
            f"s3:GetObject on arn:aws:s3:::{bucket}/{key}",
        )
    except AccessDenied:
        return ""
    return str((answer or {}).get("ETag") or "")
