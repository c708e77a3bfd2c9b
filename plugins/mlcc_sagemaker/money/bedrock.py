"""Tokens of Bedrock's models, as judges are charged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mlcc_core import Charge, Context, MlccError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.money.price_list import equals, find_products
from mlcc_sagemaker.money.products import Price, one_price

BEDROCK = "AmazonBedrock"
MILLION = "million tokens"

PER_MILLION = {"1K tokens": 1000, "1M tokens": 1}
"""Most items are by the thousand, a few by the million."""

DIRECTIONS: Mapping[str, tuple[str, str]] = {
    "read": ("Input tokens", "input-tokens"),
    "written": ("Output tokens", "output-tokens"),
}
"""Our word to ``inferenceType``, and to the end of ``usagetype``."""

VERSION = re.compile(r"-v?\d+(\.\d+)?:.*\Z")
"""The end of a model's id: ``-v1:0`` of ``qwen.qwen3-32b-v1:0``, ``-1:0`` of OpenAI's."""

PREFIX = "bedrock/"
"""Before a model's id among the hyperparameters of a job."""

NOT_KNOWN = "How many a judge reads and writes depends on the replies."


def judge_charges(context: Context, model: str) -> Iterator[Charge]:
    """Yield the charges for the tokens that a judge reads, and for those that it writes.

    Args:
        context: the surroundings; the region decides the prices.
        model: Bedrock's id, ``openai.gpt-oss-120b-1:0``.
    """
    name = model.removeprefix(PREFIX)
    for direction in DIRECTIONS:
        price = token_price(context, name, direction)
        yield Charge(
            f"judge {name}, tokens {direction}",
            MILLION,
            price=price.amount,
            source=price.source,
            note=" ".join(part for part in (NOT_KNOWN, price.why) if part),
            maybe_published=price.maybe_published,
        )


def token_price(context: Context, model: str, direction: str) -> Price:
    """Return the price on demand of a million tokens, in the region and in the standard tier.

    The list knows no ids of models. ``usagetype`` is ``{region}-{model}-{token type}`` with the
    model in a spelling of its own ("USE1-Qwen3-32B-input-tokens"); what ends otherwise is another
    tier, another endpoint or another routing (AWS's page cost-mgmt-understanding-cur-data of the
    Bedrock User Guide). Batches share ``inferenceType`` and differ in ``feature``
    (github.com/scttfrdmn/cultivar, internal/bedrock/tokenprice_test.go, items of July 2026).
    """
    try:
        region = region_of(context)
    except MlccError as error:
        return Price(why=error.what, maybe_published=True)
    inference, ending = DIRECTIONS[direction]
    wanted = {
        "regionCode": region,
        "feature": "On-demand Inference",
        "inferenceType": inference,
    }
    listed = find_products(context, BEDROCK, tuple(equals(n, v) for n, v in wanted.items()))
    if listed.why:
        return Price(why=listed.why, maybe_published=True)
    fitting = [
        product
        for product in listed.products
        if wanted.items() <= product.attributes.items()
        and _spelt(_model_of(product.attributes.get("usagetype", ""), ending)) == _name_of(model)
    ]
    found = one_price(fitting, PER_MILLION, f"{model} in {region}, tokens {direction}")
    return replace(found, day=listed.day)


def _model_of(usage_type: str, ending: str) -> str:
    """Return the model of ``USE1-Qwen3-32B-input-tokens``; empty where it ends otherwise."""
    rest = usage_type.removesuffix(f"-{ending}")
    return rest.partition("-")[2] if rest != usage_type else ""


def _name_of(model: str) -> str:
    """Return a model's id without provider and version, spelt as :func:`_spelt` does."""
    return _spelt(VERSION.sub("", model).partition(".")[2])


def _spelt(name: str) -> str:
    """Return a name without what its spellings differ in: ``Qwen3-32B`` is ``qwen332b``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
