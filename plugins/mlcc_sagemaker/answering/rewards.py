"""Rewards of replies by the Lambda function that scored a run's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from mlcc_core import Context, MlccError, PlatformError, RewardFunction
from mlcc_core.contract.rewards import reward
from mlcc_sagemaker.answering.at_once import AtOnce
from mlcc_sagemaker.answering.held_back import held_back
from mlcc_sagemaker.request.body import JOB
from mlcc_sagemaker.request.evaluators import LAMBDA
from mlcc_sagemaker.request.registry import REGISTERED, reference_of
from mlcc_sagemaker.request.trial import invoke_function

BATCH = 16
"""Events of one invocation: a function has minutes for them, and its payload a limit."""

OTHER = "choose other metrics: mlcc evaluate --metric exact_match"


def rewards(
    context: Context,
    request: Mapping[str, object],
    rows: Sequence[Mapping[str, object]],
    replies: Sequence[str],
    requests: AtOnce,
) -> Iterator[tuple[int, float | None]]:
    """Yield the reward of each reply, ``None`` where the function gives it none.

    Args:
        context: the surroundings of the project.
        request: the body of the run's request.
        rows: one for each reply.
        replies: to be scored.
        requests: sends them.

    Raises:
        MlccError: the run has no function that could be invoked here, or it scores no reply.
        PlatformError: it cannot be invoked.
    """
    arn = function_of(context, request)
    name = arn.rpartition(":")[2]
    function = RewardFunction(name, lambda events: invoke_function(context, arn, events))
    events = [
        reward.build_event(row, reply, str(index))
        for index, (row, reply) in enumerate(zip(rows, replies, strict=True))
    ]
    batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
    scored = requests.each(lambda batch, _stopped: _score(function, batch), batches)
    return held_back(_one_by_one(scored))


def function_of(context: Context, request: Mapping[str, object]) -> str:
    """Return the ARN of the Lambda function that scores the replies of a run.

    Raises:
        MlccError: it has none.
    """
    job = cast("Mapping[str, Any]", request.get(JOB) or {})
    evaluator = str((job.get("ServerlessJobConfig") or {}).get("EvaluatorArn") or "")
    source = reference_of(context, evaluator) if REGISTERED.match(evaluator) else evaluator
    if source and LAMBDA.match(source):
        return source
    if source and source.startswith("s3://"):
        raise MlccError(
            f"The reward prompt {source} is read by a judge on Bedrock, which a job of SageMaker "
            "asks and mlcc does not.",
            hint=OTHER,
        )
    if evaluator:
        raise MlccError(
            f"The evaluator {evaluator} of the run is not in the account's AI registry any more.",
            hint=OTHER,
        )
    raise MlccError("The run has no reward function that could be invoked here.", hint=OTHER)


def _score(function: RewardFunction, events: Sequence[dict[str, Any]]) -> list[float | MlccError]:
    """Return the score of each event, or the reason why it has none.

    Raises:
        PlatformError: the function cannot be invoked, for whichever event.
    """
    try:
        return list(reward.score(function, events))
    except PlatformError:
        raise
    except MlccError:
        scores = list(reward.score_each(function, events))
    for value in scores:
        if isinstance(value, PlatformError):
            raise value
    return scores


def _one_by_one(
    scored: Iterator[tuple[int, list[float | MlccError]]],
) -> Iterator[tuple[int, float | MlccError]]:
    for batch, scores in scored:
        yield from enumerate(scores, start=batch * BATCH)
