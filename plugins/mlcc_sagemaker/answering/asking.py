"""Asking what is deployed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlcc_core import Answer, Context, MlccError, PlatformError, PromptTooLong, TransientError
from mlcc_core.helpers import first_line
from mlcc_sagemaker.answering.answers import read_answer
from mlcc_sagemaker.aws.calls import aws_call, client

ATTEMPTS = 5
"""Tries of one request with the SDK's own waits, where one question is asked."""

STATUS = re.compile(r"\b(?:client|server) error \((?P<status>\d{3})\)")
"""The container's own status, in the words of a ``ModelError``."""

TOO_LONG = re.compile(
    r"maximum (?:context|model) length|longer than the maximum|prompt is too long"
    r"|tokens. must be <=",
    re.IGNORECASE,
)
"""Words of vLLM, SGLang and TGI for a prompt that does not fit into the model's context."""

UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError)
"""Errors of reading an answer that has none of a reply's forms."""

BUSY = frozenset({408, 429, 502, 503, 504})
FROM_SERVER = 500
"""A container's statuses that pass, and those from which on the fault is not the request's."""


class Faltering(TransientError):
    """A fault of the container that may pass, or come back with the same request."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a model that answers.

    Attributes:
        endpoint: its endpoint.
        component: its inference component; ``None`` for an endpoint that has none.
    """

    endpoint: str
    component: str | None = None

    @property
    def name(self) -> str:
        return self.component or self.endpoint


def is_gone(place: Place, words: str) -> PlatformError:
    """Return the error for a model that does not answer any more."""
    where = f" on the endpoint {place.endpoint}" if place.component else ""
    return PlatformError(
        f"{place.name!r} does not answer{where}: {first_line(words)}",
        hint="./do/adapter list   # deploy it again, then run the same command: it goes on",
    )


def invoke(
    context: Context,
    place: Place,
    body: bytes,
    *,
    attempts: int = ATTEMPTS,
) -> Answer:
    """Send one request; the reply comes as the container sent it.

    Args:
        context: the surroundings of the project.
        place: of the model.
        body: of the request.
        attempts: tries of the request with the SDK's own waits.

    Raises:
        TransientError: throttled, busy, a lost connection, a fault of the service.
        PlatformError: it cannot be asked, or answers something that is not a reply.
        MlccError: the container refuses the request.
    """
    data = send(context, place, body, attempts=attempts)
    try:
        return read_answer(data)
    except UNREADABLE as error:
        raise no_reply(place, data, error) from None


def send(context: Context, place: Place, body: bytes, *, attempts: int = ATTEMPTS) -> bytes:
    """Send one request, as :func:`invoke` does; the answer comes unread."""
    with aws_call(f"ask {place.name}", "sagemaker:InvokeEndpoint", refusals(place)):
        runtime = client(context, "sagemaker-runtime", attempts=attempts)
        answer = runtime.invoke_endpoint(**arguments(place, body))
        data: bytes = answer["Body"].read()
    return data


def arguments(place: Place, body: bytes) -> dict[str, object]:
    """Return the arguments of an invocation."""
    component = {"InferenceComponentName": place.component} if place.component else {}
    return {
        "EndpointName": place.endpoint,
        "ContentType": "application/json",
        "Accept": "application/json",
        "Body": body,
        **component,
    }


def refusals(place: Place) -> Mapping[str, Callable[[str], MlccError]]:
    """Return the errors for refusals of an invocation, by their codes."""
    return {
        "ValidationError": lambda words: is_gone(place, words),
        "missing": lambda words: is_gone(place, words),
        "ModelError": lambda words: container_failed(place, words),
        "ModelNotReadyException": lambda words: TransientError(
            f"{place.name!r} is not ready: {first_line(words)}"
        ),
    }


def no_reply(place: Place, data: bytes, error: Exception) -> PlatformError:
    """Return the error for an answer in which there is no reply.

    JSON that was cut on its way, or a reply that broke off, may come whole the next time.
    """
    kind = Faltering if isinstance(error, ValueError) else PlatformError
    return kind(f"{place.name!r} answered something that is not a reply: {data[:200]!r}")


def container_failed(place: Place, words: str, status: int | None = None) -> MlccError:
    """Return the error for a container that failed, or refuses the request.

    Args:
        place: of the model.
        words: the reason.
        status: the container's; by default as the words tell it.
    """
    if status is None:
        match = STATUS.search(words)
        status = int(match["status"]) if match else FROM_SERVER
    what = f"{place.name!r} could not answer: {first_line(words)}"
    kind = "InferenceComponents" if place.component else "Endpoints"
    hint = f"aws logs tail /aws/sagemaker/{kind}/{place.name}"
    if status in BUSY:
        return TransientError(what, hint=hint)
    if status >= FROM_SERVER:
        return Faltering(what, hint=hint)
    return (PromptTooLong if TOO_LONG.search(words) else MlccError)(what, hint=hint)
