"""Asking what is deployed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mlcc_core import Answer, Context, MlccError, PlatformError, TransientError
from mlcc_core.helpers import first_line
from mlcc_sagemaker.answering.answers import chat_request, read_answer
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.serving import components

MOST_TOKENS = 256
"""Tokens of a reply: enough to see how a model answers."""

ATTEMPTS = 5
"""Tries of one request with the SDK's own waits, where one question is asked."""

STATUS = re.compile(r"\b(?:client|server) error \((?P<status>\d{3})\)")
"""The container's own status, in the words of a ``ModelError``."""

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


def ask(context: Context, prompt: str, target: str | None) -> str:
    """The reply of the base model, or of the adapter or model ``target``, always the likeliest.

    Raises:
        MlccError: it is not deployed.
        PlatformError: it cannot be asked, or answers something else.
    """
    component = target or components.require_base(context)
    place = Place(endpoint_of(context), component)

    def absent(words: str) -> MlccError:
        return MlccError(_absent(place, words), hint="./do/adapter list")

    body = chat_request([{"role": "user", "content": prompt}], MOST_TOKENS)
    return invoke(context, place, body, absent=absent).text


def is_gone(place: Place, words: str) -> PlatformError:
    """Return the error for a model that does not answer any more."""
    return PlatformError(
        _absent(place, words),
        hint="./do/adapter list   # deploy it again, then run the same command: it goes on",
    )


def invoke(
    context: Context,
    place: Place,
    body: bytes,
    *,
    absent: Callable[[str], MlccError] | None = None,
    attempts: int = ATTEMPTS,
) -> Answer:
    """Send one request; the reply comes as the container sent it.

    Args:
        context: the surroundings of the project.
        place: of the model.
        body: of the request.
        absent: makes the error for a model that is not there; by default, it is gone.
        attempts: tries of the request with the SDK's own waits.

    Raises:
        TransientError: throttled, busy, a lost connection, a fault of the service.
        PlatformError: it cannot be asked, or answers something that is not a reply.
        MlccError: the container refuses the request.
    """
    missing = absent or (lambda words: is_gone(place, words))
    on = {
        "ValidationError": missing,
        "missing": missing,
        "ModelError": lambda words: _failed(place, words),
        "ModelNotReadyException": lambda words: TransientError(
            f"{place.name!r} is not ready: {first_line(words)}"
        ),
    }
    component = {"InferenceComponentName": place.component} if place.component else {}
    with aws_call(f"ask {place.name}", "sagemaker:InvokeEndpoint", on):
        answer = client(context, "sagemaker-runtime", attempts=attempts).invoke_endpoint(
            EndpointName=place.endpoint,
            ContentType="application/json",
            Accept="application/json",
            Body=body,
            **component,
        )
        data = answer["Body"].read()
    try:
        return read_answer(data)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        # JSON that was cut on its way, or a reply that broke off, may come whole the next time.
        kind = Faltering if isinstance(error, ValueError) else PlatformError
        raise kind(
            f"{place.name!r} answered something that is not a reply: {data[:200]!r}"
        ) from None


def _absent(place: Place, words: str) -> str:
    where = f" on the endpoint {place.endpoint}" if place.component else ""
    return f"{place.name!r} does not answer{where}: {first_line(words)}"


def _failed(place: Place, words: str) -> MlccError:
    match = STATUS.search(words)
    status = int(match["status"]) if match else FROM_SERVER
    what = f"{place.name!r} could not answer: {first_line(words)}"
    kind = "InferenceComponents" if place.component else "Endpoints"
    hint = f"aws logs tail /aws/sagemaker/{kind}/{place.name}"
    if status in BUSY:
        return TransientError(what, hint=hint)
    return Faltering(what, hint=hint) if status >= FROM_SERVER else MlccError(what, hint=hint)
