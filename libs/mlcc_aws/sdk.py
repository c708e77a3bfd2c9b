"""The AWS SDK, an extra: everything that asks AWS needs it, and nothing that is imported."""

from __future__ import annotations

from mlcc_core.helpers import install_command, require_package


def require_sdk() -> None:
    """Check that boto3 is installed.

    Raises:
        MlccError: it is not.
    """
    require_package("boto3", purpose="Reading s3:// datasets", install=install_command("mlcc[s3]"))
