"""Evaluators: a Lambda function or a prompt in S3, looked at before anything is created.

A job takes an evaluator of the account's AI registry, not the function or prompt itself.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from mlcc_aws.errors import AccessDenied
from mlcc_aws.objects import read_object
from mlcc_core import (
    MAX_JUDGE_PROMPT,
    Context,
    Evaluator,
    EvaluatorKind,
    MlccError,
    PlatformError,
    check_judge_prompt,
)
from mlcc_sagemaker.aws.account import Role, region_of, split_uri
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.aws.permissions import cannot_invoke, missing_permission
from mlcc_sagemaker.request.prompts import PromptCopy
from mlcc_sagemaker.request.registry import REGISTERED, Registration, reference_of

LAMBDA = re.compile(
    r"arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):\d{12}:function:(?P<name>[A-Za-z0-9_-]+)"
    r"(?P<version>:[^:]+)?\Z"
)
REGISTRY_TYPE_BY_KIND = {
    EvaluatorKind.FUNCTION: "RewardFunction",
    EvaluatorKind.PROMPT: "RewardPrompt",
}
FORM_BY_KIND = {
    EvaluatorKind.FUNCTION: "arn:aws:lambda:<region>:<account>:function:<name>",
    EvaluatorKind.PROMPT: "s3://<bucket>/<key>",
}


@dataclass(frozen=True, slots=True)
class FoundEvaluator:
    """An evaluator that is there, or will be.

    Attributes:
        arn: of the evaluator in the registry.
        checksum: of the function's code or the prompt's text; empty when it cannot be known.
        create: what is registered unless it is there; ``None`` for an evaluator that was given
            by its own ARN.
        copy: of a prompt that the role may not read, which is registered in its place.
        notes, warnings: what the user should know.
    """

    arn: str
    checksum: str = ""
    create: Registration | None = None
    copy: PromptCopy | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def find_evaluator(context: Context, evaluator: Evaluator, role: Role) -> FoundEvaluator:
    """Look at an evaluator; nothing is created.

    Raises:
        MlccError: it is none that this platform runs, or is not there.
        PlatformError: it cannot be looked at, or the role may not use it.
    """
    if REGISTERED.match(evaluator.value):
        return _registered(context, evaluator, role)
    if evaluator.kind is EvaluatorKind.FUNCTION:
        return _function(context, evaluator, role)
    return _prompt(context, evaluator, role)


def _registered(context: Context, evaluator: Evaluator, role: Role) -> FoundEvaluator:
    """Look at an evaluator that is registered already."""
    arn = evaluator.value
    source = reference_of(context, arn) or ""
    if LAMBDA.match(source):
        return FoundEvaluator(arn, warnings=_invocable(context, source, role))
    lack = (
        missing_permission(context, role, source, listed=False)
        if source.startswith("s3://")
        else None
    )
    if lack is not None and lack.certain:
        raise _wrong(
            evaluator,
            f"{arn} refers to the reward prompt {source}, and {lack.why}.",
            f"{source}   # jobs get a copy of it",
        )
    return FoundEvaluator(arn)


def _function(context: Context, evaluator: Evaluator, role: Role) -> FoundEvaluator:
    checksum, unseen = _look_at_function(context, evaluator)
    warnings = (*unseen, *_invocable(context, evaluator.value, role))
    registration = Registration.of(REGISTRY_TYPE_BY_KIND[evaluator.kind], evaluator.value)
    arn = registration.arn(role, region_of(context))
    return FoundEvaluator(arn, checksum, registration, warnings=warnings)


def _invocable(context: Context, function: str, role: Role) -> tuple[str, ...]:
    """Warnings of a function that the role perhaps may not invoke.

    Raises:
        PlatformError: it may not.
    """
    problem = cannot_invoke(context, role, function)
    if isinstance(problem, PlatformError):
        raise problem
    return () if problem is None else (problem,)


def _prompt(context: Context, evaluator: Evaluator, role: Role) -> FoundEvaluator:
    """A prompt, or a copy of it where the role may not read it."""
    source = evaluator.value
    checksum = _look_at_prompt(context, evaluator)
    lack = missing_permission(context, role, source, listed=False)
    copy = None if lack is None else PromptCopy.of(context, source, checksum)
    registration = Registration.of(
        REGISTRY_TYPE_BY_KIND[evaluator.kind], copy.target if copy else source
    )
    notes = () if lack is None else (lack.copied(f"The reward prompt {source}"),)
    arn = registration.arn(role, region_of(context))
    return FoundEvaluator(arn, checksum, registration, copy, notes)


def lambda_of(context: Context, evaluator: Evaluator) -> str | None:
    """The ARN of the function behind an evaluator; ``None`` for one without."""
    if evaluator.kind is not EvaluatorKind.FUNCTION:
        return None
    if not REGISTERED.match(evaluator.value):
        return evaluator.value
    reference = reference_of(context, evaluator.value)
    return reference if reference and LAMBDA.match(reference) else None


def _look_at_function(context: Context, evaluator: Evaluator) -> tuple[str, tuple[str, ...]]:
    """The checksum of the function's code, and a warning where that cannot be seen."""
    match = LAMBDA.match(evaluator.value)
    if match is None:
        raise _wrong(evaluator, _why_no_function(evaluator.value))
    region = region_of(context)
    if match["region"] != region:
        raise _wrong(
            evaluator,
            f"The reward function {evaluator.value} is in {match['region']}, the job in {region}.",
        )
    if match["version"]:
        raise _wrong(
            evaluator,
            f"The reward function {evaluator.value} names a version or alias, which SageMaker "
            "does not take.",
            evaluator.value.removesuffix(match["version"]),
        )
    return _code_checksum(context, evaluator)


def _why_no_function(value: str) -> str:
    if value.endswith(".py") or ".py:" in value:
        return (
            f"The reward function {value!r} is a file on this machine; SageMaker runs it as a "
            "Lambda function (the same file, deployed)."
        )
    return f"The reward function {value!r} is not a Lambda function's ARN."


def _code_checksum(context: Context, evaluator: Evaluator) -> tuple[str, tuple[str, ...]]:
    """Checksum of the deployed code; empty, with a warning, without permission to look at it."""

    def gone(_: str) -> MlccError:
        return _wrong(evaluator, f"The reward function {evaluator.value} does not exist.")

    try:
        action = "lambda:GetFunctionConfiguration"
        with aws_call(f"look at {evaluator.value}", action, {"missing": gone}):
            answer = client(context, "lambda").get_function_configuration(
                FunctionName=evaluator.value
            )
    except AccessDenied as error:
        return "", (f"{error.what} A change of the function's code is not noticed.",)
    return str(answer.get("CodeSha256", "")), ()


def _look_at_prompt(context: Context, evaluator: Evaluator) -> str:
    uri = evaluator.value
    if not uri.startswith("s3://"):
        raise _wrong(
            evaluator, f"The reward prompt {uri!r} is not in S3, where SageMaker reads it."
        )

    def gone(_: str) -> MlccError:
        return _wrong(evaluator, f"The reward prompt {uri} does not exist.")

    bucket, key = split_uri(uri)
    action = f"s3:GetObject on arn:aws:s3:::{bucket}/{key}"
    with aws_call(f"read the reward prompt {uri}", action, {"missing": gone}):
        data = read_object(client(context, "s3"), bucket, key, MAX_JUDGE_PROMPT + 1)
    check_judge_prompt(evaluator, data, uri, FORM_BY_KIND[evaluator.kind])
    return hashlib.sha256(data).hexdigest()


def _wrong(evaluator: Evaluator, what: str, better: str | None = None) -> MlccError:
    return evaluator.error(what, better or FORM_BY_KIND[evaluator.kind])
