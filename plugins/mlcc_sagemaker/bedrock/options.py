"""The destination's name and its flags; nothing of AWS is imported for them."""

from __future__ import annotations

from mlcc_core import Context, MlccError, Option

DESTINATION = "bedrock"

IMPORT_OPTIONS = (
    Option(
        "--kms-key",
        str,
        "With --to: the KMS key that encrypts the imported model (default: TUNE_KMS_KEY_ID)",
        "ARN",
    ),
    Option(
        "--subnets",
        str,
        "With --to: subnets in your VPC that the import reads through, separated by commas",
        "IDS",
    ),
    Option(
        "--security-groups",
        str,
        "With --to: security groups in your VPC of the import, separated by commas",
        "IDS",
    ),
)


def refuse_import_options(context: Context) -> None:
    """Refuse the flags of an import where an endpoint is deployed, which would not follow them.

    Raises:
        MlccError: one is given.
    """
    for option in IMPORT_OPTIONS:
        if context.options.get(option.key):
            raise MlccError(
                f"{option.flag} is for imports, and endpoints do not take it.",
                where=option.flag,
                hint=f"mlcc deploy --to {DESTINATION} --help",
            )
