"""A token of the Hub, read from Secrets Manager for the process that trains; never shown."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core.helpers import one_line
from mlcc_engine.container.layout import TOKEN_SECRET

VARIABLE = "HF_TOKEN"


def token_for(environment: Mapping[str, str]) -> tuple[dict[str, str], str | None]:
    """Return the variables that give a process its token, and a line where it cannot be had.

    Without it a job goes on: most models need none, and the Hub says which do.

    Args:
        environment: of this process; it may name a secret whose text is the token.
    """
    name = environment.get(TOKEN_SECRET)
    if not name:
        return {}, None
    try:
        import boto3
    except ImportError:
        return {}, f"The secret {name} is not read: boto3 is not installed in this image."
    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=name)
        token = answer["SecretString"].strip()
    except Exception as error:  # of botocore: refused, not found, out of reach
        return {}, f"The secret {name} cannot be read: {one_line(error)}"
    return {VARIABLE: token}, None
