"""The model's hub document: techniques, training types, hyperparameters, EULA, hosting."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_aws.objects import read_object
from mlcc_core import Context, MlccError, NotTrainedHere, PlatformError, TrainingType
from mlcc_sagemaker.aws.account import eula_accepted, region_of, split_uri
from mlcc_sagemaker.aws.calls import aws_call, client, found

PUBLIC_HUB = "SageMakerPublicHub"
LIST_MODELS = "./do/tune --list-models"

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}\Z")
"""A name that the hub can have; asked for another, it answers with an error."""


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model of the hub.

    Attributes:
        id: its name there, which is the JumpStart id.
        arn: with the version.
        hub: the hub's name.
        document: what the hub says about it.
        title: its name for people; empty where the hub has none.
    """

    id: str
    arn: str
    hub: str
    document: Mapping[str, Any]
    title: str = ""

    @property
    def gated(self) -> bool:
        """Its licence has to be accepted before it is trained."""
        return bool(self.document.get("GatedBucket"))

    @property
    def eula(self) -> str:
        """Return the address of the licence to accept before it is served; empty for none."""
        return str(self.document.get("HostingEulaUri") or "")

    @property
    def evaluation(self) -> Mapping[str, Any] | None:
        """The recipe of its evaluations by rows with known answers; ``None`` without one."""
        found = self.document.get("RecipeCollection") or ()
        kind = ("Evaluation", "DeterministicEvaluation")
        return next((r for r in found if (r.get("Type"), r.get("EvaluationType")) == kind), None)

    @property
    def recipes(self) -> Sequence[Mapping[str, Any]]:
        """The fine-tuning recipes that serverless jobs can use."""
        return [
            recipe
            for recipe in self.document.get("RecipeCollection") or ()
            if recipe.get("CustomizationTechnique") and recipe.get("SmtjRecipeTemplateS3Uri")
        ]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe that was chosen.

    Attributes:
        entry: as the hub document has it.
        specs: the hyperparameters it takes: name to type, default, min, max, enum.
        send_length: its ``SequenceLength`` has to be asked for, since the service would choose
            another recipe by itself.
    """

    entry: Mapping[str, Any]
    specs: Mapping[str, Mapping[str, Any]]
    send_length: bool

    @property
    def length(self) -> int | None:
        """The longest sequence that it trains on, in tokens."""
        return tokens(self.entry.get("SequenceLength"))


def read_model(context: Context, model: str) -> HubModel:
    """The hub's document of a model; one call.

    Args:
        context: the surroundings of the project.
        model: the catalog's id.

    Raises:
        MlccError: the hub does not have it.
        PlatformError: it cannot be asked.
    """
    known = find_model(context, model)
    if known is None:
        raise not_there(context, model)
    return known


def not_there(context: Context, model: str) -> MlccError:
    """Return the error for a model that the hub does not have."""
    return NotTrainedHere(
        f"Model {model!r} is not in {hub_of(context)} of {region_of(context)}.",
        where="--model",
        hint=LIST_MODELS,
    )


def find_model(context: Context, model: str) -> HubModel | None:
    """Return the hub's document of a model; ``None`` where the hub does not have it; one call.

    Raises:
        PlatformError: the hub cannot be asked.
    """
    if not NAME.match(model):
        return None
    hub = hub_of(context)
    answer = found(
        lambda: client(context, "sagemaker").describe_hub_content(
            HubName=hub, HubContentType="Model", HubContentName=model
        ),
        f"look up {model}",
        "sagemaker:DescribeHubContent",
    )
    if answer is None:
        return None
    try:
        document = json.loads(answer["HubContentDocument"])
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise PlatformError(f"The hub's document of {model} is not a JSON object.")
    title = str(answer.get("HubContentDisplayName") or "")
    return HubModel(model, answer["HubContentArn"], hub, document, title)


def hub_of(context: Context) -> str:
    """Return the hub of the project: ``SAGEMAKER_HUB_NAME``, or the public one."""
    return context.settings.get("SAGEMAKER_HUB_NAME") or PUBLIC_HUB


def require_licence(context: Context, model: HubModel, options: Mapping[str, object]) -> None:
    """Refuse a model whose licence has to be accepted and was not.

    Args:
        context: the surroundings of the project.
        model: of the hub.
        options: of the job, by key.

    Raises:
        MlccError: it has to be accepted.
    """
    if model.gated and not eula_accepted(context, options):
        raise MlccError(
            f"Model {model.id!r} has a licence that has to be accepted first.",
            where="--accept-eula",
            detail=(f"The licence: {model.eula}",) if model.eula else (),
            hint="read it, then pass --accept-eula",
        )


def choose_recipe(
    context: Context, model: HubModel, technique: str, training_type: TrainingType, wanted: int
) -> Recipe:
    """The recipe for a technique and training type, with its hyperparameters; one call.

    The service takes the first that fits; one for longer sequences has to be asked for.

    Args:
        context: the surroundings of the project.
        model: of the hub.
        technique: the service's name of it ("SFT").
        training_type: ``lora`` or ``full-rank``.
        wanted: tokens that a sequence must be able to have; 0 for what the recipe brings.

    Raises:
        MlccError: there is none; what there is is listed.
    """
    entries = _matching(model, technique, training_type)
    entry = entries[0]
    if wanted > (tokens(entry.get("SequenceLength")) or wanted):
        by_length = sorted(entries, key=lambda e: tokens(e.get("SequenceLength")) or 0)
        longer = [e for e in by_length if (tokens(e.get("SequenceLength")) or 0) >= wanted]
        entry = (longer or by_length[-1:])[0]
    return Recipe(entry, read_specs(context, entry), entry is not entries[0])


def tokens(text: object) -> int | None:
    """``8K`` as 8192, as the service counts; ``None`` for anything else."""
    if isinstance(text, str) and text[-1:] in "Kk" and text[:-1].isdigit():
        return int(text[:-1]) * 1024
    return None


def _matching(
    model: HubModel, technique: str, training_type: TrainingType
) -> list[Mapping[str, Any]]:
    of_technique = [r for r in model.recipes if r["CustomizationTechnique"] == technique]
    if not of_technique:
        known = sorted({str(recipe["CustomizationTechnique"]) for recipe in model.recipes})
        raise NotTrainedHere(
            f"Technique not supported for this model: {model.id} has no recipe for {technique}.",
            where="--technique",
            detail=(f"It has: {', '.join(known) or 'none'}",),
            hint=LIST_MODELS,
        )
    lora = training_type == "lora"
    fitting = [recipe for recipe in of_technique if bool(recipe.get("Peft")) == lora]
    if not fitting:
        other = "full-rank" if lora else "lora"
        raise NotTrainedHere(
            f"Training type not supported for this model: {model.id} has no recipe for "
            f"{technique} with {training_type}.",
            where="--training-type",
            hint=f"pass --training-type {other}",
        )
    # Subscription recipes belong to who subscribed; the others come first.
    return sorted(fitting, key=lambda recipe: bool(recipe.get("IsSubscriptionModel")))


def read_specs(context: Context, entry: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return a recipe's override parameters, read from the service's bucket; one call.

    Returns:
        Name to type, default, min, max, enum; none for a recipe without parameters.

    Raises:
        PlatformError: they cannot be read.
    """
    uri = str(entry.get("SmtjOverrideParamsS3Uri") or "")
    if not uri:
        return {}
    if "{customer_id}" in uri:
        uri = uri.replace("{customer_id}", _account(context))
    bucket, key = split_uri(uri)
    with aws_call(f"read the recipe {uri}", "s3:GetObject"):
        data = read_object(client(context, "s3"), bucket, key)
    try:
        document = json.loads(data)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise PlatformError(
            f"The recipe's parameters at {uri} are not a JSON object.",
            hint=f"aws s3 cp {shlex.quote(uri)} -   # shows what it is",
        )
    return {
        name: spec if isinstance(spec, dict) else {"default": spec}
        for name, spec in document.items()
    }


def _account(context: Context) -> str:
    with aws_call("see whose credentials these are", "sts:GetCallerIdentity"):
        return str(client(context, "sts").get_caller_identity()["Account"])
