"""The execution role, looked at: it has to exist, and SageMaker has to be let to take it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import BOOTSTRAP, Role
from mlcc_sagemaker.aws.calls import client, found

SERVICE = "sagemaker.amazonaws.com"
ATTEMPTS = 2
"""Tries of one request, fewer than usual: a check should not wait for long."""


def role_problem(context: Context, role: Role) -> str | None:
    """Return why SageMaker cannot take a role, without a dot; ``None`` where it can.

    Raises:
        PlatformError: the role cannot be looked at.
    """
    answer = found(
        lambda: client(context, "iam", attempts=ATTEMPTS).get_role(RoleName=role.name),
        f"look at the role {role.name}",
        "iam:GetRole",
    )
    if answer is None:
        return f"{role.arn} does not exist"
    if not _trusts_sagemaker(answer["Role"].get("AssumeRolePolicyDocument")):
        return f"{role.arn} does not trust {SERVICE}"
    return None


def require_usable(context: Context, role: Role) -> None:
    """Refuse a role that SageMaker cannot take, which it says only once an endpoint stands.

    One that cannot be looked at passes.

    Raises:
        MlccError: why SageMaker cannot take it.
    """
    try:
        problem = role_problem(context, role)
    except PlatformError:
        return
    if problem is not None:
        flag = bool(context.options.get("role"))
        raise MlccError(
            f"The role {problem}.",
            where="--role" if flag else "ROLE_ARN",
            hint="aws iam list-roles   # for --role ARN" if flag else BOOTSTRAP,
        )


def _trusts_sagemaker(document: object) -> bool:
    """Return whether a trust policy lets SageMaker take the role.

    One that cannot be read passes.
    """
    if isinstance(document, str):
        try:
            document = json.loads(unquote(document))
        except ValueError:
            return True
    if not isinstance(document, Mapping):
        return True
    statements = document.get("Statement") or []
    statements = [statements] if isinstance(statements, Mapping) else statements
    return any(
        statement.get("Effect") == "Allow" and SERVICE in _services(statement)
        for statement in statements
    )


def _services(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    services = principal.get("Service") if isinstance(principal, Mapping) else None
    return [services] if isinstance(services, str) else list(services or ())
