"""The models that can be tuned, as the region's hub lists them now.

The hub is read as the SageMaker SDK's ``list_supported_models`` reads it: every page of its models,
of which those count whose search keywords name a fine-tuning recipe. The keywords do not tell
training types or licences, so that the document of each of those is read, several at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlcc_core import Context, LiveModel, MlccError, PlatformError
from mlcc_core.helpers import plural
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.request.hub import HubModel, find_model, hub_of

KEYWORD = "@recipe:finetuning_"
"""Begins search keywords of models with fine-tuning recipes: ``@recipe:finetuning_sft_lora``."""

SERVICE = ("SFT", "DPO", "RLAIF", "RLVR")
"""The techniques of ``CreateTrainingJob``; the hub has recipes of others, for clusters."""

NOVA = "nova-"
"""Begins the ids of Amazon's own models. They are trained on data of another form, and their
weights stay with AWS, where an endpoint of the project cannot read them."""

VISION = re.compile(r"(?:^|-)vlm-")

PAGE, PAGES = 100, 100
"""Models that one answer lists, and answers that are read at most."""

AT_ONCE = 8
"""Documents that are read at a time."""


def live_models(context: Context) -> Sequence[LiveModel]:
    """Return the models of the hub that serverless jobs can tune, by id.

    Raises:
        MlccError: no region is set, or the hub does not exist.
        PlatformError: the hub cannot be read, or its list has no end.
    """
    names = {str(row["HubContentName"]): row for row in _listed(context) if _has_recipe(row)}
    nova = [name for name in names if name.startswith(NOVA)]
    if nova:
        context.say(
            f"ℹ️  {plural(len(nova), 'Amazon Nova model')} left out: their weights stay with AWS, "
            "so that mlcc cannot deploy them."
        )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        others = sorted(name for name in names if not name.startswith(NOVA))
        read = pool.map(lambda name: find_model(context, name), others)
        found = [_live(context, each, names[each.id]) for each in read if each is not None]
    return [model for model in found if model.techniques]


def live_model(context: Context, model: str) -> LiveModel | None:
    """Return a model of the hub that serverless jobs can tune; ``None`` for another. One call.

    Raises:
        MlccError: no region is set.
        PlatformError: the hub cannot be read.
    """
    if model.startswith(NOVA):
        return None
    found = find_model(context, model)
    live = _live(context, found, {}) if found is not None else None
    return live if live is not None and live.techniques else None


def _listed(context: Context) -> Iterator[Mapping[str, Any]]:
    hub = hub_of(context)

    def unknown(words: str) -> MlccError:
        return MlccError(
            f"There is no hub {hub} in {region_of(context)}.",
            where="SAGEMAKER_HUB_NAME",
            detail=(words,),
            hint="aws sagemaker list-hubs   # lists those that there are",
        )

    doing = f"list the models of {hub}"
    more: dict[str, str] = {}
    for _ in range(PAGES):
        with aws_call(doing, "sagemaker:ListHubContents", {"missing": unknown}):
            region_of(context)  # or say that none is set
            answer = client(context, "sagemaker").list_hub_contents(
                HubName=hub, HubContentType="Model", MaxResults=PAGE, **more
            )
        yield from answer["HubContentSummaries"]
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}
    raise PlatformError(f"Cannot {doing}: there are more than {PAGE * PAGES:,}.")


def _has_recipe(row: Mapping[str, Any]) -> bool:
    keywords = row.get("HubContentSearchKeywords") or ()
    return any(str(keyword).lower().startswith(KEYWORD) for keyword in keywords)


def _live(context: Context, model: HubModel, row: Mapping[str, Any]) -> LiveModel:
    found: dict[str, set[str]] = {}
    for recipe in model.recipes:
        if recipe["CustomizationTechnique"] in SERVICE:
            kind = "lora" if recipe.get("Peft") else "full-rank"
            found.setdefault(str(recipe["CustomizationTechnique"]), set()).add(kind)
    return LiveModel(
        id=model.id,
        name=str(row.get("HubContentDisplayName") or model.title or model.id),
        techniques={
            name.lower(): tuple(sorted(found[name], reverse=True))
            for name in SERVICE
            if name in found
        },
        licence=model.gated,
        vision_language=True if VISION.search(model.id) else None,
        place=f"{model.hub} of {region_of(context)}",
    )
