"""Serverless jobs: charged by the tokens they train on, or by the hour, and their judges.

The price list of AWS has no item for them that a public source shows, so that only the user can
name a price. S3, Lambda and logs are charged besides, and not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlcc_core import Charge, Context, MlccError, Option, Request, TokenAmount
from mlcc_core.helpers import plural
from mlcc_sagemaker.money import yours
from mlcc_sagemaker.money.bedrock import MILLION, judge_charges
from mlcc_sagemaker.money.metering import Meter, meter_of
from mlcc_sagemaker.request.body import JOB, VALIDATION

TOKENS_A_MILLION = 1_000_000
HOUR_SECONDS = 3600

JUDGE = "judge_model_id"
EPOCHS = "max_epochs"

HOURS_NOT_KNOWN = "How many hours a job takes is not known before."
TOKENS_NOT_KNOWN = "How many tokens an evaluation is charged for is not known before."
NO_METER = "The hub does not say by what it is charged."


def training_charges(
    context: Context,
    model: str,
    request: Request,
    tokens: TokenAmount | None,
    options: Mapping[str, object],
) -> Iterator[Charge]:
    """Yield the charges of a training job: itself, and the judge of its replies.

    Args:
        context: the surroundings.
        model: as the user named it.
        request: of the job.
        tokens: of the rows to train on.
        options: the platform's own, of the job.
    """
    job = job_of(request)
    meter, why = _meter(context, model, job)
    if meter == "tokens":
        yield _priced(context, yours.TOKENS, options, _trained_tokens(job, tokens))
    elif meter == "hours":
        hours = Charge("training", "hour", high=_most_hours(job), note=_hours_note(job))
        yield _priced(context, yours.HOURS, options, hours)
    else:
        yield Charge("training job", "job", 1, note=why, maybe_published=True)
    yield from _judges(context, job)


def evaluation_charges(
    context: Context, model: str, request: Request, tokens: TokenAmount | None
) -> Iterator[Charge]:
    """Yield the charges of an evaluation that runs as a job: itself, and its judge.

    A price that the user names is one of training, and does not count here.

    Args:
        context: the surroundings.
        model: as the user named it.
        request: of the job.
        tokens: of its rows.
    """
    job = job_of(request)
    meter, why = _meter(context, model, job)
    if meter == "tokens":
        rows = "" if tokens is None else f"Its rows hold {tokens.tokens:,} tokens, replies aside. "
        yield Charge("evaluation", MILLION, note=f"{rows}{TOKENS_NOT_KNOWN}")
    elif meter == "hours":
        yield Charge("evaluation", "hour", high=_most_hours(job), note=_hours_note(job))
    else:
        yield Charge("evaluation job", "job", 1, note=why, maybe_published=True)
    yield from _judges(context, job)


def job_of(request: Request) -> Mapping[str, Any]:
    """Return what ``CreateTrainingJob`` is to be sent."""
    job = request.body.get(JOB, request.body)
    return job if isinstance(job, Mapping) else {}


def _meter(context: Context, model: str, job: Mapping[str, Any]) -> tuple[Meter | None, str]:
    try:
        return meter_of(context, model, job.get("ServerlessJobConfig") or {}), NO_METER
    except MlccError as error:
        return None, error.what


def _trained_tokens(job: Mapping[str, Any], tokens: TokenAmount | None) -> Charge:
    """Return the tokens of all rows, as often as the job goes through them; without a price.

    Long rows may be cut, and some held out, by the recipe itself; no public source says how the
    service counts these.
    """
    charge = Charge("tokens trained on", MILLION)
    epochs = _epochs(job)
    if tokens is None:
        return replace(charge, note="The tokens of the rows could not be counted.")
    if epochs is None:
        return replace(charge, note=f"{tokens.tokens:,} tokens an epoch; how many is not known.")
    note = f"{tokens.tokens:,} tokens of {plural(tokens.rows, 'row')} × {plural(epochs, 'epoch')}."
    if any(c.get("ChannelName") == VALIDATION for c in job.get("InputDataConfig") or ()):
        note += " Those of the rows that are held out are not counted."
    counted, low, high = (
        n * epochs / TOKENS_A_MILLION for n in (tokens.tokens, tokens.low, tokens.high)
    )
    return replace(charge, quantity=counted, low=low, high=high, note=note)


def _epochs(job: Mapping[str, Any]) -> int | None:
    text = str((job.get("HyperParameters") or {}).get(EPOCHS, ""))
    return int(text) if text.isdecimal() else None


def _most_hours(job: Mapping[str, Any]) -> float | None:
    """Return the hours after which the service stops the job; ``None`` where it does not."""
    seconds = (job.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds")
    return seconds / HOUR_SECONDS if isinstance(seconds, (int, float)) else None


def _hours_note(job: Mapping[str, Any]) -> str:
    most = _most_hours(job)
    return HOURS_NOT_KNOWN if most is None else f"{HOURS_NOT_KNOWN} It is stopped after {most:g} h."


def _priced(
    context: Context, option: Option, given: Mapping[str, object], charge: Charge
) -> Charge:
    """Return a charge with the price that the user names; else with how to name one."""
    price = yours.your_price(context, option, given)
    note = " ".join(part for part in (charge.note, price.why) if part)
    source = "" if price.amount is None else yours.SOURCE
    return replace(charge, price=price.amount, source=source, note=note)


def _judges(context: Context, job: Mapping[str, Any]) -> Iterator[Charge]:
    judge = (job.get("HyperParameters") or {}).get(JUDGE)
    if judge:
        yield from judge_charges(context, str(judge))
