"""The permissions of the execution role, as IAM says: asked before a job is paid for."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_aws.errors import AccessDenied
from mlcc_core import Context, PlatformError
from mlcc_sagemaker.aws.account import (
    BOOTSTRAP,
    Role,
    dataset_buckets,
    known_bucket,
    named_judges,
    region_of,
    split_uri,
)
from mlcc_sagemaker.aws.calls import client, found

ATTEMPTS = 2
"""Tries of a request, fewer than usual: the command should not wait for long."""


@dataclass(frozen=True, slots=True)
class MissingPermission:
    """Something in S3 that the execution role may not read, or perhaps not.

    Attributes:
        role: the role.
        action: the permission that is missing ("s3:GetObject").
        certain: IAM says so; otherwise IAM cannot say.
        mend: what would let the role read it.
    """

    role: Role
    action: str
    certain: bool
    mend: str

    @property
    def why(self) -> str:
        """The reason, to go on a sentence."""
        if self.certain:
            return f"the role {self.role.name} may not read it ({self.action})"
        return f"IAM cannot say whether the role {self.role.name} may read it"

    def copied(self, what: str) -> str:
        """The note that jobs get a copy instead."""
        return (
            f"{what} is copied to the tune bucket, because {self.why}. To use it in place: "
            f"{self.mend}"
        )


def role_may(context: Context, role: Role, action: str, resource: str) -> bool | None:
    """Return whether the role's policies allow it; ``None`` when IAM cannot be asked or cannot say.

    A bucket's or a function's own policy may allow more than IAM says here.
    """
    try:
        return _simulated(context, role, action, resource)
    except PlatformError:
        return None


def _simulated(context: Context, role: Role, action: str, resource: str) -> bool | None:
    """Ask IAM; ``None`` where it cannot say.

    Raises:
        PlatformError: it cannot be asked.
    """
    answer = found(
        lambda: client(context, "iam", attempts=ATTEMPTS).simulate_principal_policy(
            PolicySourceArn=role.arn, ActionNames=[action], ResourceArns=[resource]
        ),
        f"see what the role {role.name} may do",
        "iam:SimulatePrincipalPolicy",
    )
    results = (answer or {}).get("EvaluationResults") or ()
    if not results:
        return None
    if all(result["EvalDecision"] == "allowed" for result in results):
        return True
    depends = any(result.get("MissingContextValues") for result in results)
    return None if depends else False


def missing_permission(
    context: Context, role: Role, uri: str, *, listed: bool
) -> MissingPermission | None:
    """Return the permission that keeps the role from reading an object; ``None`` when it may.

    The tune bucket is the role's own. Where IAM cannot say, the buckets that
    ``TUNE_DATASET_BUCKETS`` names are taken for readable, and no others.

    Args:
        context: the surroundings of the project.
        role: the execution role.
        uri: of the object.
        listed: the job lists the bucket besides, as it does with a dataset's.
    """
    bucket, key = split_uri(uri)
    if bucket == known_bucket(context):
        return None
    arn = f"arn:{role.partition}:s3:::{bucket}"
    needs = {"s3:GetObject": f"{arn}/{key}", **({"s3:ListBucket": arn} if listed else {})}
    named = bucket in dataset_buckets(context)
    for action, resource in needs.items():
        allowed = role_may(context, role, action, resource)
        if allowed is False or (allowed is None and not named):
            mend = _mend(context, role, bucket, needs)
            return MissingPermission(role, action, certain=allowed is False, mend=mend)
    return None


def require_readable(context: Context, role: Role, uri: str, flag: str) -> None:
    """Refuse weights that bootstrap's role may not read; too large to copy for good measure.

    Args:
        context: the surroundings of the project.
        role: that the endpoint runs with; others than bootstrap's are not judged.
        uri: of the weights.
        flag: that names them, for messages.

    Raises:
        PlatformError: it may not, with what lets it.
    """
    lack = missing_permission(context, role, uri, listed=True) if role.bootstrapped else None
    if lack is not None and lack.certain:
        raise PlatformError(
            f"The role {role.name} may not read {uri} ({lack.action}).",
            where=flag,
            hint=lack.mend,
        )


def _mend(context: Context, role: Role, bucket: str, needs: dict[str, str]) -> str:
    named = dataset_buckets(context)
    if not role.bootstrapped:
        allow = " and ".join(f"{action} on {resource}" for action, resource in needs.items())
        return f"allow that role {allow}"
    if bucket in named:
        return BOOTSTRAP
    return f"set TUNE_DATASET_BUCKETS={','.join([*named, bucket])} in do/config, then: {BOOTSTRAP}"


def cannot_invoke(context: Context, role: Role, function: str) -> PlatformError | str | None:
    """Explain why the role cannot invoke a reward function.

    Returns:
        An error for bootstrap's role, which no other policy is likely to allow; a warning where
        the function's own policy may allow it; ``None`` where nothing is wrong.
    """
    try:
        if _simulated(context, role, "lambda:InvokeFunction", function) is not False:
            return None
    except AccessDenied as error:
        return f"{error.what} The job fails if the role may not invoke {function}."
    except PlatformError:
        return None
    what = f"The role {role.name} may not invoke the reward function {function}"
    if not role.bootstrapped:
        return (
            f"{what} (lambda:InvokeFunction); the job fails unless the function's policy lets it."
        )
    named = [context.settings.get("TUNE_REWARD_FUNCTIONS", "").replace(" ", "").strip(",")]
    functions = ",".join(filter(None, [*named, function]))
    return PlatformError(
        f"{what} (lambda:InvokeFunction).",
        hint=f"set TUNE_REWARD_FUNCTIONS={functions} in do/config, then: {BOOTSTRAP}",
    )


def cannot_ask(context: Context, role: Role, judge: str, region: str) -> str | None:
    """Explain why the role cannot ask a model of Bedrock that judges.

    Returns:
        A warning for a role of the user's own; ``None`` where nothing is wrong.

    Raises:
        PlatformError: bootstrap's role may not ask it, which no other policy allows.
    """
    resource = f"arn:{role.partition}:bedrock:{region}::foundation-model/{judge}"
    if role_may(context, role, "bedrock:InvokeModel", resource) is not False:
        return None
    what = f"The role {role.name} may not ask the judge {judge} (bedrock:InvokeModel)"
    if not role.bootstrapped:
        return f"{what}; the job fails unless another policy lets it."
    judges = ",".join((*named_judges(context), judge))
    raise PlatformError(
        f"{what}.", hint=f"set TUNE_JUDGE_MODELS={judges} in do/config, then: {BOOTSTRAP}"
    )


def cannot_write(context: Context, role: Role, bucket: str, key: str) -> str | None:
    """A warning when the role may not write the output; the bucket's policy may let it."""
    own = f"mlcc-tune-{role.account}-{region_of(context)}"
    if role.bootstrapped and bucket == own:
        return None
    resource = f"arn:{role.partition}:s3:::{bucket}/{key}"
    if role_may(context, role, "s3:PutObject", resource) is not False:
        return None
    return (
        f"The role {role.name} may not write to s3://{bucket} (s3:PutObject); the job fails after "
        "its training unless the bucket's policy lets it."
    )
