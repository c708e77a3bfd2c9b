"""Trying a reward function on a few rows before a job is paid for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core import (
    Context,
    MissingKey,
    MlccError,
    RewardFunction,
    TrainingSpec,
    try_reward_function,
)
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.request.evaluators import lambda_of


def try_evaluator(
    context: Context, spec: TrainingSpec, rows: Sequence[Mapping[str, object]]
) -> Sequence[str]:
    """Invoke the Lambda function behind the evaluator with rows of the dataset.

    A prompt is tried by the job alone.

    Raises:
        MlccError: it raises, or breaks the reward contract.
        PlatformError: it cannot be invoked.
    """
    if spec.evaluator is None or not rows:
        return ()
    arn = lambda_of(context, spec.evaluator)
    if arn is None:
        return ()
    name = arn.rpartition(":")[2]
    return try_reward_function(
        RewardFunction(name, lambda events: invoke_function(context, arn, events)), rows
    )


def why_untried(context: Context, spec: TrainingSpec) -> str | None:
    """Return why a dry run does not invoke what :func:`try_evaluator` does.

    Raises:
        PlatformError: the evaluator cannot be looked up.
    """
    if spec.evaluator is None:
        return None
    if lambda_of(context, spec.evaluator) is None:
        return "the job alone asks its judge"
    return "Lambda bills each call"


def invoke_function(context: Context, arn: str, events: list[dict[str, Any]]) -> object:
    """Return a Lambda function's answer to events of the reward contract.

    Raises:
        MlccError: it raises, or returns no JSON.
        PlatformError: it cannot be invoked.
    """
    name = arn.rpartition(":")[2]
    doing, action = f"invoke the reward function {name}", f"lambda:InvokeFunction on {arn}"
    with aws_call(doing, action):
        answer = client(context, "lambda").invoke(
            FunctionName=arn,
            InvocationType="RequestResponse",
            Payload=json.dumps(events, ensure_ascii=False).encode(),
        )
        data = answer["Payload"].read()
    try:
        payload: object = json.loads(data)
    except ValueError:
        raise MlccError(f"Reward function {name} returned no JSON.", where=arn) from None
    if answer.get("FunctionError"):
        answer_error = payload if isinstance(payload, Mapping) else {}
        kind, words = (
            answer_error.get("errorType", "an error"),
            answer_error.get("errorMessage", ""),
        )
        if kind == "KeyError":  # whose message is the key as Python writes it: 'answer'
            raise MissingKey(name, str(words).strip("'\""), events[0], arn)
        raise MlccError(
            f"Reward function {name} raised {kind}: {words}",
            where=arn,
            hint=f"see its log: aws logs tail /aws/lambda/{name}",
        )
    return payload
