"""Words before an evaluation: the requests and tokens that it takes, and where the rest is had."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import AskingPlan, Context, Need
from mlcc_core.helpers import plural
from mlcc_sagemaker.aws.account import endpoint_of

CHARACTERS = 4
"""Characters of a token, roughly: English text has about as many."""

NO_LOG_PROBABILITIES = (
    "endpoints answer with text alone. The held-out loss of a job is among its own metrics "
    "(mlcc runs show RUN); or download the adapter (aws s3 cp --recursive s3://… tuned) and "
    "evaluate it on this machine: mlcc evaluate ./tuned --platform local"
)


def lacks(need: Need) -> str | None:
    """Return why an input cannot be had from an endpoint, and where it can."""
    return NO_LOG_PROBABILITIES if need == "log_probabilities" else None


def notice(context: Context, plan: AskingPlan, workers: int) -> Sequence[str]:
    """Return the numbers of requests and tokens that an evaluation takes."""
    if not plan.replies:
        return ()
    names = ", ".join(subject.title for subject in plan.subjects)
    prompts = -(-plan.characters // CHARACTERS)
    limit = plan.replies * plan.max_new_tokens
    requests = f"{plural(plan.replies, 'request')} to the endpoint {endpoint_of(context)}"
    tokens = f"about {prompts:,} of prompts (estimated from their characters)"
    return (
        f"📋 {requests} ({names}), {workers} at a time",
        f"   tokens: {tokens}, at most {limit:,} of replies; the endpoint costs by the hour",
    )
