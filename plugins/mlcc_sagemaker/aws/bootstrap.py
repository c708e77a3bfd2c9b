"""``bootstrap``: role and bucket as one CloudFormation stack, shown and asked for before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from mlcc_core import Context, Interrupted, MlccError, PlatformError
from mlcc_sagemaker.aws.account import (
    EXECUTION_ROLE,
    IMPORT_ROLE,
    STACK,
    region_of,
)
from mlcc_sagemaker.aws.attaching import POLICIES, attach_commands
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.aws.stack_parameters import parameters
from mlcc_sagemaker.aws.stack_policies import TEMPLATE, Where
from mlcc_sagemaker.aws.stack_waiting import Waiting

STACK_OUTPUTS = ("RoleArn", "ImportRoleArn", "BucketName", *POLICIES)
"""Of the template, which are told and written down."""

REVIEW = "REVIEW_IN_PROGRESS"
UNCHANGED = ("didn't contain changes", "No updates are to be performed")


def bootstrap(context: Context, action: str, assume_yes: bool, seconds: float) -> Sequence[str]:
    """Create, update or remove the stack; lines for the user.

    Raises:
        Interrupted: the user did not agree.
        PlatformError: CloudFormation refuses or fails, with its reason.
    """
    if action == "remove":
        return _remove(context, assume_yes, seconds)
    account, caller = _who(context)
    values = parameters(context, Where(caller.split(":")[1], region_of(context), account))
    stack = _describe_stack(context)
    kind = "CREATE" if stack is None or stack["StackStatus"] == REVIEW else "UPDATE"
    name = f"mlcc-{uuid4().hex[:12]}"
    with _discarded_on_error(context, name, kind):
        change_set = _create_change_set(context, name, kind, values, account, seconds)
        if change_set is not None:
            _show(context, change_set, {} if kind == "CREATE" else _parameters_of(stack))
            if not assume_yes and not context.confirm("Make these changes to the account?"):
                raise Interrupted("Nothing was changed.")
            _execute(context, change_set)
    if change_set is not None:
        _wait_until_done(context, seconds)
    outputs = _required_outputs(context)
    saved = {
        EXECUTION_ROLE: outputs["RoleArn"],
        IMPORT_ROLE: outputs["ImportRoleArn"],
        "TUNE_S3_BUCKET": outputs["BucketName"],
    }
    context.save(saved)
    done = "is as it should be" if change_set is None else "is ready"
    return [
        f"✅ The stack {STACK} {done} in {region_of(context)}.",
        *(f"   {name}={value}" for name, value in saved.items()),
        "   They are written to do/config.",
        "   Who runs mlcc without being an administrator needs these, under their own name:",
        *(f"   {command}" for command in attach_commands(caller, outputs)),
    ]


def _who(context: Context) -> tuple[str, str]:
    """Return the account, and the ARN of whose credentials these are."""
    with aws_call("see whose credentials these are", "sts:GetCallerIdentity"):
        who = client(context, "sts").get_caller_identity()
    return str(who["Account"]), str(who["Arn"])


@contextmanager
def _discarded_on_error(context: Context, name: str, kind: str) -> Iterator[None]:
    """Leave no change set behind that was not executed, whatever ends the block."""
    try:
        yield
    except BaseException:
        # What was wrong first is what the user must know.
        with suppress(MlccError):
            _discard(context, name, kind)
        raise


def _create_change_set(
    context: Context,
    name: str,
    kind: str,
    values: Mapping[str, str],
    account: str,
    seconds: float,
) -> Mapping[str, Any] | None:
    """Have the change set computed; ``None`` when there is nothing to change."""
    values = {**values, "CreateBucket": _create_bucket(context, account, kind)}
    with aws_call(f"plan the stack {STACK}", "cloudformation:CreateChangeSet"):
        client(context, "cloudformation").create_change_set(
            StackName=STACK,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateBody=TEMPLATE.read_text(),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()],
            Tags=[{"Key": "mlcc:project", "Value": "bootstrap"}],
        )
    waiting = Waiting(context, f"Planning the stack {STACK}", seconds)
    while True:
        with aws_call(f"plan the stack {STACK}", "cloudformation:DescribeChangeSet"):
            change_set: Mapping[str, Any] = client(context, "cloudformation").describe_change_set(
                StackName=STACK, ChangeSetName=name
            )
        status, reason = change_set["Status"], str(change_set.get("StatusReason") or "")
        if status == "CREATE_COMPLETE":
            return change_set if change_set.get("Changes") else None
        if status == "FAILED":
            if not any(words in reason for words in UNCHANGED):
                raise PlatformError(f"The stack {STACK} cannot be planned: {reason}")
            _discard(context, name, kind)
            return None
        waiting.pause(status)


def _create_bucket(context: Context, account: str, kind: str) -> str:
    """Return whether the stack has the bucket: no, if it outlived an earlier stack."""
    if kind == "UPDATE":
        resource = found(
            lambda: client(context, "cloudformation").describe_stack_resource(
                StackName=STACK, LogicalResourceId="TuneBucket"
            ),
            f"look at the stack {STACK}",
            "cloudformation:DescribeStackResource",
        )
        if resource is not None:
            return "true"
    bucket = f"mlcc-tune-{account}-{region_of(context)}"
    there = found(
        lambda: client(context, "s3").head_bucket(Bucket=bucket, ExpectedBucketOwner=account),
        f"look at the bucket {bucket}",
        f"s3:ListBucket on arn:aws:s3:::{bucket}",
    )
    return "true" if there is None else "false"


def _show(context: Context, change_set: Mapping[str, Any], before: Mapping[str, str]) -> None:
    """Show the changes of the change set; of a stack that is there, the parameters too.

    Args:
        context: the surroundings of the project.
        change_set: as CloudFormation describes it.
        before: the stack's parameters; empty for a new stack.
    """
    context.say(f"📋 Changes to the stack {STACK} in {region_of(context)}:")
    for change in change_set.get("Changes", ()):
        resource = change["ResourceChange"]
        replaced = " (replaced)" if resource.get("Replacement") == "True" else ""
        context.say(
            f"   {resource['Action']:<7} {resource['ResourceType']:<24} "
            f"{resource['LogicalResourceId']}{replaced}"
        )
    after = _parameters_of(change_set)
    for name in sorted(after.keys() & before.keys()):
        old, new = before[name].split(","), after[name].split(",")
        changes = [f"+ {value}" for value in new if value not in old]
        changes += [f"- {value}" for value in old if value not in new]
        for change in changes:
            context.say(f"   {name}: {change}")


def _parameters_of(described: Mapping[str, Any] | None) -> dict[str, str]:
    """The parameters of a stack or a change set, lists with their commas."""
    parameters = (described or {}).get("Parameters") or ()
    return {p["ParameterKey"]: str(p.get("ParameterValue", "")) for p in parameters}


def _execute(context: Context, change_set: Mapping[str, Any]) -> None:
    with aws_call(f"change the stack {STACK}", "cloudformation:ExecuteChangeSet"):
        client(context, "cloudformation").execute_change_set(
            ChangeSetName=change_set["ChangeSetId"], StackName=STACK
        )


def _wait_until_done(context: Context, seconds: float) -> None:
    waiting = Waiting(context, f"Changing the stack {STACK}", seconds)
    while True:
        stack = _describe_stack(context)
        status = str((stack or {}).get("StackStatus"))
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return
        if status not in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", REVIEW) and not (
            status.endswith("_CLEANUP_IN_PROGRESS")
        ):
            raise PlatformError(
                f"The stack {STACK} is {status}: {_cause(context) or 'no reason was given'}",
                hint=f"aws cloudformation describe-stack-events --stack-name {STACK}",
            )
        waiting.pause(status)


def _remove(context: Context, assume_yes: bool, seconds: float) -> Sequence[str]:
    if _describe_stack(context) is None:
        return [f"ℹ️  There is no stack {STACK} in {region_of(context)}."]
    bucket = _outputs(context).get("BucketName", "")
    context.say(f"📋 Removed with the stack {STACK}: the roles and their permissions.")
    context.say(f"   Kept: the bucket {bucket} and what is in it.")
    if not assume_yes and not context.confirm("Remove the stack?"):
        raise Interrupted("Nothing was changed.")
    with aws_call(f"remove the stack {STACK}", "cloudformation:DeleteStack"):
        client(context, "cloudformation").delete_stack(StackName=STACK)
    waiting = Waiting(context, f"Removing the stack {STACK}", seconds)
    while (stack := _describe_stack(context)) is not None:
        if stack["StackStatus"] == "DELETE_FAILED":
            raise PlatformError(
                f"The stack {STACK} cannot be removed: {_cause(context)}",
                hint=f"aws cloudformation describe-stack-events --stack-name {STACK}",
            )
        waiting.pause(str(stack["StackStatus"]))
    return [
        f"✅ Removed the stack {STACK}.",
        f"   The bucket {bucket} is kept; to remove it: aws s3 rb s3://{bucket} --force",
    ]


def _describe_stack(context: Context) -> Mapping[str, Any] | None:
    """The stack; ``None`` when there is none."""
    answer = found(
        lambda: client(context, "cloudformation").describe_stacks(StackName=STACK),
        f"look at the stack {STACK}",
        "cloudformation:DescribeStacks",
    )
    stacks = (answer or {}).get("Stacks") or [None]
    stack: Mapping[str, Any] | None = stacks[0]
    return None if stack is None or stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _outputs(context: Context) -> dict[str, str]:
    stack = _describe_stack(context) or {}
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs") or ()}


def _required_outputs(context: Context) -> dict[str, str]:
    """Read what the stack says that it made.

    Raises:
        PlatformError: it does not say all of it.
    """
    outputs = _outputs(context)
    if missing := [name for name in STACK_OUTPUTS if name not in outputs]:
        raise PlatformError(
            f"The stack {STACK} has no output {' or '.join(missing)}, expected "
            f"{', '.join(STACK_OUTPUTS)}: somebody else made it, or changed it.",
            hint="mlcc bootstrap remove && mlcc bootstrap   # the bucket is kept",
        )
    return outputs


def _discard(context: Context, name: str, kind: str) -> None:
    """Leave nothing behind of a change set that is not wanted, nor of a stack that never was."""
    cloudformation = client(context, "cloudformation")
    with aws_call("discard the change set", "cloudformation:DeleteChangeSet"):
        cloudformation.delete_change_set(ChangeSetName=name, StackName=STACK)
    stack = _describe_stack(context)
    if kind == "CREATE" and stack is not None and stack["StackStatus"] == REVIEW:
        with aws_call(f"discard the stack {STACK}", "cloudformation:DeleteStack"):
            cloudformation.delete_stack(StackName=STACK)


def _cause(context: Context) -> str:
    """The first failure among the stack's latest events."""
    with aws_call(f"read the events of {STACK}", "cloudformation:DescribeStackEvents"):
        answer = client(context, "cloudformation").describe_stack_events(StackName=STACK)
    failed = [e for e in answer["StackEvents"] if e["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return ""
    event = failed[-1]
    return f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
