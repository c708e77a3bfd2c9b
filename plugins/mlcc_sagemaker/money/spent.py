"""Tokens that a job has used up, by the service's own count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlcc_core import Charge, Context, JobState
from mlcc_sagemaker.money import yours
from mlcc_sagemaker.money.bedrock import MILLION
from mlcc_sagemaker.money.jobs import TOKENS_A_MILLION


def spent_charges(context: Context, state: JobState) -> Sequence[Charge]:
    """Return the tokens that are charged, which the service tells of token-based jobs alone.

    How long a job stood is not what an hourly one is charged for, and nothing tells that.
    """
    if state.billable_tokens is None:
        return ()
    price = yours.your_price(context, yours.TOKENS)
    source = "" if price.amount is None else yours.SOURCE
    return (
        replace(_charged(state.billable_tokens), price=price.amount, source=source, note=price.why),
    )


def evaluation_spent(state: JobState) -> Sequence[Charge]:
    """Return the tokens that an evaluation is charged for; a user's price is one of training."""
    return () if state.billable_tokens is None else (_charged(state.billable_tokens),)


def _charged(tokens: int) -> Charge:
    return Charge("tokens charged", MILLION, tokens / TOKENS_A_MILLION)
