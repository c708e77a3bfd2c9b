"""Errors of AWS, translated into errors that a user can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcc_aws.sdk import require_sdk
from mlcc_core import MlccError, PlatformError, TransientError
from mlcc_core.helpers import first_line, reason_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

EXPIRED_CODES = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
REJECTED_CODES = frozenset(
    {
        *("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"),
        *("SignatureDoesNotMatch", "InvalidToken", "AuthFailure"),
    }
)
DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
THROTTLED_CODES = frozenset(
    {
        *("SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"),
        *("TooManyRequests", "TooManyRequestsException", "ThrottledException"),
    }
)
WRONG_REGION_CODES = frozenset({"PermanentRedirect", "AuthorizationHeaderMalformed", "301"})

SERVER_FAULT_STATUS = 500
"""HTTP statuses from here on are the service's own fault, and pass."""

RENEW_HINT = "aws sso login   # or aws configure; then run the same command again"
IDENTITY_HINT = "see who you are: aws sts get-caller-identity"
NAMED_ACTION = re.compile(r"not authorized to perform:? (?P<action>[\w-]+:[\w*]+)")
"""The permission that AWS names in its own words: ``sagemaker:CreateTrainingJob``."""


class AccessDenied(PlatformError):
    """A permission is missing."""

    def __init__(self, what: str, *, hint: str, detail: Iterable[str] = ()) -> None:
        super().__init__(what, where="AWS permissions", hint=hint, detail=detail)


@contextmanager
def aws_errors(
    doing: str,
    needs: str,
    specific: Callable[[ClientError], Exception | None] = lambda error: None,
    *,
    denied_hint: str = IDENTITY_HINT,
) -> Iterator[None]:
    """Turn the SDK's errors into errors for the user.

    Args:
        doing: what was tried, to go on a sentence ("list s3://bucket/data").
        needs: the permissions that it takes ("s3:ListBucket on arn:aws:s3:::bucket").
        specific: the error in place of a refusal that means something particular here.
        denied_hint: the command that grants a missing permission, or shows who has it.

    Raises:
        TransientError: throttled, a lost connection, the service's own fault, expired credentials
            (which can be renewed while a job is watched).
        AccessDenied: a permission is missing.
        PlatformError: anything else that AWS refuses, or no credentials.
        MlccError: a malformed region or URI, or no boto3.
    """
    require_sdk()
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    try:
        yield
    except sdk.ClientError as error:
        raise specific(error) or _refused(error, doing, needs, denied_hint) from None
    except (sdk.NoCredentialsError, sdk.PartialCredentialsError) as error:
        raise PlatformError(
            f"Cannot {doing}: {_reason(error)}.",
            where="AWS credentials",
            hint="aws configure (or export AWS_PROFILE=<profile>)",
        ) from None
    except sdk.ProfileNotFound as error:
        raise PlatformError(
            f"Cannot {doing}: {_reason(error)}.",
            where="AWS_PROFILE",
            hint="see which profiles exist: aws configure list-profiles",
        ) from None
    except (
        sdk.CredentialRetrievalError,
        sdk.TokenRetrievalError,
        sdk.SSOError,
        sdk.NoAuthTokenError,
    ) as error:
        raise PlatformError(
            f"Cannot {doing}: {_reason(error)}.", where="AWS credentials", hint=RENEW_HINT
        ) from None
    except (sdk.InvalidRegionError, sdk.NoRegionError) as error:
        raise MlccError(
            f"Cannot {doing}: {_reason(error)}.",
            where="AWS_REGION",
            hint="export AWS_REGION=us-east-1",
        ) from None
    except sdk.ParamValidationError as error:
        reason = first_line(str(error).replace("Parameter validation failed:", ""))
        raise MlccError(f"Cannot {doing}: {reason}", hint="correct the URI") from None
    except (sdk.BotoCoreError, ResponseParserError) as error:
        raise TransientError(
            f"Cannot {doing}: {_reason(error)}.",
            hint="check the network, proxies and AWS_ENDPOINT_URL, then run the same command again",
        ) from None


def error_code(error: ClientError) -> str:
    """The service's code ("NoSuchKey"), or the HTTP status where it sends none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """The service's own words."""
    return str(error.response.get("Error", {}).get("Message", ""))


def _refused(error: ClientError, doing: str, needs: str, denied_hint: str) -> MlccError:
    code = error_code(error)
    if code in EXPIRED_CODES:
        return _expired(doing)
    if code in REJECTED_CODES:
        return PlatformError(
            f"Cannot {doing}: AWS does not accept the credentials ({code}).",
            where="AWS credentials",
            hint="see which are used: aws configure list",
        )
    if code in DENIED_CODES:
        return _denied(doing, needs, message_of(error), denied_hint)
    if code in THROTTLED_CODES:
        return TransientError(
            f"Cannot {doing}: AWS throttles requests ({code}).",
            hint="run the same command again in a minute",
        )
    if code in WRONG_REGION_CODES:
        region = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        there = region.get("x-amz-bucket-region", "<the bucket's region>")
        return PlatformError(
            f"Cannot {doing}: it is in another region.",
            where="AWS_REGION",
            hint=f"export AWS_REGION={there}",
        )
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return (TransientError if status >= SERVER_FAULT_STATUS else PlatformError)(
        f"Cannot {doing}: AWS answered {code} ({message_of(error)}).".replace(" ()", ""),
        hint="run the same command again later",
    )


def _expired(doing: str) -> TransientError:
    """The error for expired credentials; the next client reads them anew."""
    from mlcc_aws.sessions import forget_credentials

    forget_credentials()
    return TransientError(
        f"Cannot {doing}: the AWS credentials have expired; renew them (aws sso login, or "
        "aws configure).",
        where="AWS credentials",
        hint=RENEW_HINT,
    )


def _denied(doing: str, needs: str, words: str, hint: str) -> AccessDenied:
    """The error for a missing permission, which AWS names in most of its messages.

    An answer without a body, as S3 gives to a HEAD request, names none: then it is told what the
    call takes.
    """
    match = NAMED_ACTION.search(words)
    why = f"the permission {match['action']} is missing" if match else f"it takes {needs}"
    return AccessDenied(
        f"Cannot {doing}: access denied; {why}.",
        hint=hint,
        detail=(f"It takes {needs}.", *([words] if words else [])),
    )


def _reason(error: Exception) -> str:
    """Return the error's own words, to be followed by a full stop."""
    return reason_of(error).rstrip(".")
