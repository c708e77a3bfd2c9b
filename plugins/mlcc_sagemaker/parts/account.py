"""Secrets, and the stack that jobs need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core import Account

if TYPE_CHECKING:
    from mlcc_core import Context, Credential


class AwsAccount(Account):
    """Keeps secrets in the account's secret store, and creates role and bucket.

    Args:
        look_seconds: between two looks at the stack that is on its way.
    """

    def __init__(self, look_seconds: float) -> None:
        self.look_seconds = look_seconds

    def secret(self, context: Context, credential: Credential) -> str | None:
        from mlcc_sagemaker.aws.secret_store import read_secret

        return read_secret(context, credential)

    def secrets(self, context: Context, action: str, credential: Credential) -> Sequence[str]:
        from mlcc_sagemaker.aws.secret_store import manage

        return manage(context, action, credential)

    def bootstrap(self, context: Context, action: str, assume_yes: bool) -> Sequence[str]:
        from mlcc_sagemaker.aws.bootstrap import bootstrap

        return bootstrap(context, action, assume_yes, self.look_seconds)
