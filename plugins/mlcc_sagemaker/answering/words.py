"""Words before an evaluation: the requests and tokens that it takes, and where the rest is had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlcc_core import AskingPlan, Context, MlccError, Need, PlatformError
from mlcc_core.helpers import plural
from mlcc_sagemaker.answering.judges import JUDGEMENT_TOKENS
from mlcc_sagemaker.answering.rewards import BATCH, function_of
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.bedrock.models import named_models

CHARACTERS = 4
"""Characters of a token, roughly: English text has about as many."""

NO_LOG_PROBABILITIES = (
    "endpoints answer with text alone. The held-out loss of a job is among its own metrics "
    "(mlcc runs show RUN); or export the adapter (mlcc export RUN --to DIR --form adapter), and "
    "evaluate its folder with the same --technique and --dataset on this machine (--platform local)"
)


def no_benchmarks() -> MlccError:
    """Return the error for a benchmark, which needs more than an endpoint's replies."""
    return MlccError(
        "An endpoint runs no benchmarks: they need log-probabilities; expected the adapter on this "
        "machine.",
        where="--benchmark",
        hint="mlcc export RUN --to tuned --form adapter && "
        "mlcc evaluate ./tuned --benchmark NAME --platform local",
    )


def lacks(context: Context, need: Need, request: Mapping[str, object] | None) -> str | None:
    """Return why an input cannot be had from an endpoint, and where it can."""
    if need == "log_probabilities":
        return NO_LOG_PROBABILITIES
    if need == "reward" and request is not None:
        try:
            function_of(context, request)
        except PlatformError:
            raise
        except MlccError as error:
            return error.what
    return None


def notice(context: Context, plan: AskingPlan, workers: int) -> Sequence[str]:
    """Return the numbers of requests and tokens that an evaluation takes."""
    return (
        *(_replies(context, plan, workers) if plan.replies else ()),
        *(_rewards(plan) if plan.scored else ()),
        *(_judgements(plan) if plan.judged else ()),
    )


def _replies(context: Context, plan: AskingPlan, workers: int) -> Sequence[str]:
    names = ", ".join(subject.title for subject in plan.subjects)
    prompts = -(-plan.characters // CHARACTERS)
    limit = plan.replies * plan.max_new_tokens
    models = named_models(context)
    imported = [subject.title for subject in plan.subjects if subject.deployed in models]
    where, costs = f"the endpoint {endpoint_of(context)}", "the endpoint costs by the hour"
    if imported:
        everywhere = len(imported) == len(plan.subjects)
        where = "Bedrock" if everywhere else f"{where} and Bedrock"
        windows = "Bedrock costs by windows of 5 minutes in which it is asked"
        costs = windows if everywhere else f"{costs}, {windows}"
    requests = f"{plural(plan.replies, 'request')} to {where}"
    tokens = f"about {prompts:,} of prompts (estimated from their characters)"
    return (
        f"📋 {requests} ({names}), {workers} at a time",
        f"   tokens: {tokens}, at most {limit:,} of replies; {costs}",
    )


def _rewards(plan: AskingPlan) -> Sequence[str]:
    replies = plural(plan.scored, "reply", "replies")
    return (f"📋 {replies} to be scored by the run's Lambda function, {BATCH} in one invocation",)


def _judgements(plan: AskingPlan) -> Sequence[str]:
    rows = f"{plural(plan.judged, 'row')} to be judged: at most 2 questions a row"
    return (f"📋 {rows}, and {JUDGEMENT_TOKENS} tokens of each answer",)
