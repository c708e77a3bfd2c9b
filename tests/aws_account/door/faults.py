"""Misbehaviour on demand: which request is hit, and what it gets."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal, get_args

from tests.aws_account.door.answers import ServiceError
from tests.aws_account.door.asked import Asked
from tests.aws_account.door.log import fits

Kind = Literal[
    "lost",
    "refused",
    "cut",
    "truncated",
    "empty",
    "page",
    "throttled",
    "failed",
    "expired",
    "denied",
    "slow",
]

ACTIONS = {
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadObject": "s3:GetObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""IAM actions whose name is not the operation's."""


@dataclass
class Fault:
    """One planned misbehaviour.

    Attributes:
        operation: ``"CreateTrainingJob"``, ``"s3:PutObject"``, ``"s3:"`` (all of a service), ""
            (everything).
        kind: ``lost``: the work is done, then the connection closes without an answer.
            ``refused``: the connection closes and nothing was done. ``cut``: the work is done
            and the connection closes after half of the answer's body. ``truncated``: the same,
            but the half looks whole (its length is right). ``empty``: the work is done, and the
            answer has a good status and no body. ``page``: a proxy's page of HTML in its place.
            ``throttled``, ``failed``
            (``status``, 500 or 503), ``expired`` (token), ``denied`` (names the IAM action):
            the service's own error, and nothing is done. ``slow``: a good answer after
            ``seconds``.
        times: how many requests it hits; ``None`` all.
        after: how many fitting requests it lets pass first.
        struck: how many it has hit so far.
    """

    operation: str
    kind: Kind
    times: int | None = 1
    after: int = 0
    status: int = 500
    seconds: float = 0.0
    struck: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind of fault '{self.kind}', not one of {get_args(Kind)}")


class Faults:
    """The planned faults; the first that fits strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []

    def plan(self, fault: Fault) -> Fault:
        with self._lock:
            self._planned.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def strike(self, asked: Asked) -> Fault | None:
        """The fault that hits this request, used up by one."""
        with self._lock:
            for fault in self._planned:
                if not fits(fault.operation, asked.service, asked.operation):
                    continue
                if fault.times is not None and fault.struck >= fault.times:
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.struck += 1
                return fault
        return None


def iam_action(asked: Asked) -> str:
    """The action that a policy must allow for this request."""
    service = "sagemaker" if asked.service == "sagemaker-runtime" else asked.service
    return ACTIONS.get(asked.name, f"{service}:{asked.operation}")


def error(fault: Fault, asked: Asked, caller: str) -> ServiceError | None:
    """The service's own error for this fault; ``None`` for those that are none."""
    s3, query = asked.service == "s3", asked.protocol in ("query", "ec2")
    if fault.kind == "throttled":
        if s3:
            return ServiceError("SlowDown", "Please reduce your request rate.", 503)
        return ServiceError("Throttling" if query else "ThrottlingException", "Rate exceeded", 400)
    if fault.kind == "failed":
        unavailable = fault.status == 503
        code = "ServiceUnavailable" if unavailable else "InternalError" if s3 else "InternalFailure"
        return ServiceError(
            code, "We encountered an internal error. Please try again.", fault.status
        )
    if fault.kind == "expired":
        code = "ExpiredToken" if s3 or query else "ExpiredTokenException"
        text = "The security token included in the request is expired"
        return ServiceError(code, text, 403 if query else 400)
    if fault.kind == "denied":
        return denial(asked, caller)
    return None


def denial(
    asked: Asked, caller: str, action: str = "", resource: str = "*", why: str = "implicitDeny"
) -> ServiceError:
    """The refusal of somebody whose policies do not allow this request.

    Args:
        asked: the request.
        caller: ARN of who made it.
        action: the permission that is missing; by default the request's main one.
        resource: what it is missing for.
        why: IAM's decision, ``explicitDeny`` where a policy denies it.
    """
    action = action or iam_action(asked)
    reason = f"because no identity-based policy allows the {action} action"
    if why == "explicitDeny":
        reason = "with an explicit deny in an identity-based policy"
    text = f"User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}"
    if asked.protocol == "ec2":
        return ServiceError("UnauthorizedOperation", text, 403)
    plain = asked.service == "s3" or asked.protocol == "query"
    return ServiceError(
        "AccessDenied" if plain else "AccessDeniedException", text, 403 if plain else 400
    )
