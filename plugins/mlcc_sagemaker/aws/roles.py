"""The execution role, looked at: it has to exist, and a service has to be let to take it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import BOOTSTRAP, EXECUTION_ROLE, IMPORT_ROLE, Role
from mlcc_sagemaker.aws.calls import client, found

SERVICE, BEDROCK = "sagemaker.amazonaws.com", "bedrock.amazonaws.com"
VARIABLES = {SERVICE: EXECUTION_ROLE, BEDROCK: IMPORT_ROLE}
ATTEMPTS = 2
"""Tries of one request, fewer than usual: a check should not wait for long."""


def role_problem(context: Context, role: Role, service: str = SERVICE) -> str | None:
    """Return why a service cannot take a role, without a dot; ``None`` where it can.

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
    if not _trusts(answer["Role"].get("AssumeRolePolicyDocument"), service):
        return f"{role.arn} does not trust {service}"
    return None


def require_usable(context: Context, role: Role, service: str = SERVICE) -> None:
    """Refuse a role that a service cannot take: SageMaker says so once an endpoint stands alone.

    One that cannot be looked at passes.

    Raises:
        MlccError: why the service cannot take it.
    """
    try:
        problem = role_problem(context, role, service)
    except PlatformError:
        return
    if problem is not None:
        flag = bool(context.options.get("role"))
        raise MlccError(
            f"The role {problem}.",
            where="--role" if flag else VARIABLES[service],
            hint="aws iam list-roles   # for --role ARN" if flag else BOOTSTRAP,
        )


def _trusts(document: object, service: str) -> bool:
    """Return whether a trust policy lets a service take the role.

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
        statement.get("Effect") == "Allow" and service in _services(statement)
        for statement in statements
    )


def _services(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    services = principal.get("Service") if isinstance(principal, Mapping) else None
    return [services] if isinstance(services, str) else list(services or ())
