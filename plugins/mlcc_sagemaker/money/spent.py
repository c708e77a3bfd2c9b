"""Tokens that a job has used up, by the service's own count."""

from __future__ import annotations

from collections.abc import Sequence

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
    return (
        Charge(
            "tokens charged",
            MILLION,
            state.billable_tokens / TOKENS_A_MILLION,
            price=price.amount,
            source="" if price.amount is None else yours.SOURCE,
            note=price.why,
        ),
    )
