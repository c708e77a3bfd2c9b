"""Credentials of dataset sources, in Secrets Manager; their values are never shown or written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlcc_aws.errors import AccessDenied
from mlcc_core import Context, Credential, MlccError
from mlcc_sagemaker.aws.calls import aws_call, client, found

RECOVERY_DAYS = 7
"""Days for which a removed secret can be restored."""


def secret_name(credential: Credential) -> str:
    """The secret that holds a credential."""
    return f"mlcc/{credential.variable}"


def read_secret(context: Context, credential: Credential) -> str | None:
    """The credential's value; ``None`` when there is no such secret, or we may not read it."""
    name = secret_name(credential)
    try:
        answer = found(
            lambda: client(context, "secretsmanager").get_secret_value(SecretId=name),
            f"read the secret {name}",
            "secretsmanager:GetSecretValue",
        )
    except AccessDenied as error:
        context.say(f"ℹ️  {error.what}")
        return None
    return str(answer["SecretString"]) if answer and answer.get("SecretString") else None


def stored(context: Context, name: str) -> bool:
    """Return whether there is a secret of a name that can be read; its value is not looked at.

    Raises:
        PlatformError: Secrets Manager cannot be asked.
    """
    there = _describe(context, name)
    return there is not None and not there.get("DeletedDate")


def manage(context: Context, action: str, credential: Credential) -> Sequence[str]:
    """``set``, ``check`` or ``remove`` the secret; lines for the user, never the value.

    Raises:
        MlccError: no value was given.
        PlatformError: Secrets Manager refuses.
    """
    name = secret_name(credential)
    if action == "set":
        return _store(context, name, credential)
    if action == "check":
        if stored(context, name):
            return [f"✅ {credential.variable} is stored as {name}."]
        return [
            f"ℹ️  {credential.variable} is not stored; it is needed for {credential.purpose}.",
            "   ./do/secrets set",
        ]
    if not stored(context, name):
        return [f"ℹ️  {credential.variable} is not stored."]
    with aws_call(f"remove the secret {name}", "secretsmanager:DeleteSecret"):
        client(context, "secretsmanager").delete_secret(
            SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS
        )
    return [f"✅ Removed {name}; it can be restored for {RECOVERY_DAYS} days."]


def _store(context: Context, name: str, credential: Credential) -> Sequence[str]:
    value = context.read_secret(f"{credential.variable} ({credential.docs or credential.purpose})")
    if not value:
        raise MlccError(
            f"No value was given for {credential.variable}.",
            hint="type it when asked, or pipe it in: ./do/secrets set < FILE",
        )
    secrets = client(context, "secretsmanager")
    there = _describe(context, name)
    with aws_call(f"store the secret {name}", "secretsmanager:PutSecretValue"):
        if there is None:
            secrets.create_secret(
                Name=name, SecretString=value, Description="A credential of mlcc's datasets"
            )
        else:
            if there.get("DeletedDate"):
                secrets.restore_secret(SecretId=name)
            secrets.put_secret_value(SecretId=name, SecretString=value)
    return [f"✅ {credential.variable} is stored as {name}."]


def _describe(context: Context, name: str) -> Any | None:
    return found(
        lambda: client(context, "secretsmanager").describe_secret(SecretId=name),
        f"look at the secret {name}",
        "secretsmanager:DescribeSecret",
    )
