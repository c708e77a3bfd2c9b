"""Asking what is deployed."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

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


class Waking(TransientError):
    """A model that was not asked for a while is loaded again, which takes minutes."""


class AnyPlace(ABC):
    """The place of a model that answers, and how it is asked there."""

    action: ClassVar[str]
    """The permission that a request takes."""

    stream_action: ClassVar[str]
    """The permission that a request takes whose reply comes bit by bit."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Return the name of the model, or of its endpoint."""

    @property
    def where(self) -> str:
        """Return the place in words, to go on a sentence."""
        return ""

    @property
    @abstractmethod
    def log(self) -> str:
        """Return the command that shows what went wrong."""

    @abstractmethod
    def ask(self, context: Context, body: bytes, attempts: int) -> bytes:
        """Send a request, and return the answer as it comes; errors are the SDK's."""

    @abstractmethod
    def stream(self, context: Context, body: bytes) -> Any:
        """Send a request once, and return the SDK's stream of events."""

    @abstractmethod
    def part(self, event: Mapping[str, Any]) -> bytes:
        """Return the bytes of a reply in an event."""

    def refusals(self) -> Mapping[str, Callable[[str], MlccError]]:
        """Return the errors for refusals of a request, by their codes."""
        return {
            "missing": lambda words: is_gone(self, words),
            "ModelNotReadyException": lambda words: TransientError(
                f"{self.name!r} is not ready: {first_line(words)}"
            ),
        }


@dataclass(frozen=True, slots=True)
class Place(AnyPlace):
    """A model on an endpoint.

    Attributes:
        endpoint: its endpoint.
        component: its inference component; ``None`` for an endpoint that has none.
    """

    endpoint: str
    component: str | None = None

    action: ClassVar[str] = "sagemaker:InvokeEndpoint"
    stream_action: ClassVar[str] = "sagemaker:InvokeEndpointWithResponseStream"

    @property
    def name(self) -> str:
        return self.component or self.endpoint

    @property
    def where(self) -> str:
        return f" on the endpoint {self.endpoint}" if self.component else ""

    @property
    def log(self) -> str:
        kind = "InferenceComponents" if self.component else "Endpoints"
        return f"aws logs tail /aws/sagemaker/{kind}/{self.name}"

    def ask(self, context: Context, body: bytes, attempts: int) -> bytes:
        runtime = client(context, "sagemaker-runtime", attempts=attempts)
        data: bytes = runtime.invoke_endpoint(**self._arguments(body))["Body"].read()
        return data

    def stream(self, context: Context, body: bytes) -> Any:
        runtime = client(context, "sagemaker-runtime", attempts=1)
        return runtime.invoke_endpoint_with_response_stream(**self._arguments(body))["Body"]

    def part(self, event: Mapping[str, Any]) -> bytes:
        data: bytes = event.get("PayloadPart", {}).get("Bytes", b"")
        return data

    def refusals(self) -> Mapping[str, Callable[[str], MlccError]]:
        return {
            **AnyPlace.refusals(self),
            "ValidationError": lambda words: is_gone(self, words),
            "ModelError": lambda words: container_failed(self, words),
        }

    def _arguments(self, body: bytes) -> dict[str, object]:
        component = {"InferenceComponentName": self.component} if self.component else {}
        return {
            "EndpointName": self.endpoint,
            "ContentType": "application/json",
            "Accept": "application/json",
            "Body": body,
            **component,
        }


def is_gone(place: AnyPlace, words: str) -> PlatformError:
    """Return the error for a model that does not answer any more."""
    return PlatformError(
        f"{place.name!r} does not answer{place.where}: {first_line(words)}",
        hint="./do/adapter list   # deploy it again, then run the same command: it goes on",
    )


def invoke(
    context: Context,
    place: AnyPlace,
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


def send(context: Context, place: AnyPlace, body: bytes, *, attempts: int = ATTEMPTS) -> bytes:
    """Send one request, as :func:`invoke` does; the answer comes unread."""
    with aws_call(f"ask {place.name}", place.action, place.refusals()):
        return place.ask(context, body, attempts)


def no_reply(place: AnyPlace, data: bytes, error: Exception) -> PlatformError:
    """Return the error for an answer in which there is no reply.

    JSON that was cut on its way, or a reply that broke off, may come whole the next time.
    """
    kind = Faltering if isinstance(error, ValueError) else PlatformError
    return kind(f"{place.name!r} answered something that is not a reply: {data[:200]!r}")


def container_failed(place: AnyPlace, words: str, status: int | None = None) -> MlccError:
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
    hint = place.log
    if status in BUSY:
        return TransientError(what, hint=hint)
    if status >= FROM_SERVER:
        return Faltering(what, hint=hint)
    return (PromptTooLong if TOO_LONG.search(words) else MlccError)(what, hint=hint)
