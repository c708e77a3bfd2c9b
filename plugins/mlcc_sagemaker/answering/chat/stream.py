"""The bytes of a reply as they come from an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mlcc_core import Context, MlccError, TransientError
from mlcc_core.helpers import first_line, reason_of
from mlcc_sagemaker.answering.asking import STATUS, AnyPlace, container_failed
from mlcc_sagemaker.aws.calls import aws_call

if TYPE_CHECKING:
    from botocore.exceptions import EventStreamError

AGAIN = "ask again"


class ReplyStream:
    """One reply on its way.

    Raises:
        TransientError: throttled, busy, a lost connection, a fault of the service.
        AccessDenied: the permission is missing.
        PlatformError: it cannot be asked.
        MlccError: the container refuses the request.
    """

    def __init__(self, context: Context, place: AnyPlace, body: bytes) -> None:
        self._place = place
        with aws_call(f"ask {place.name}", place.stream_action, place.refusals()):
            self._events: Any = place.stream(context, body)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the parts of the payload.

        Raises:
            TransientError: the stream broke.
            MlccError: the container refuses the request after all.
        """
        from botocore.eventstream import ParserError
        from botocore.exceptions import BotoCoreError, EventStreamError
        from urllib3.exceptions import HTTPError

        try:
            for event in self._events:
                yield self._place.part(event)
        except EventStreamError as error:
            raise self._failed(error) from None
        except (HTTPError, BotoCoreError, ParserError, OSError) as error:
            raise broke_off(self._place, reason_of(error)) from None

    def close(self) -> None:
        """End the reply; the container stops when it cannot send more."""
        self._events.close()

    def _failed(self, error: EventStreamError) -> MlccError:
        """Return the error for one that ended the stream; botocore keeps its words alone."""
        about = error.response.get("Error", {})
        words = first_line(str(about.get("Message") or about.get("Code")))
        if STATUS.search(words):
            return container_failed(self._place, words)
        return broke_off(self._place, words)


class WholeReply:
    """A reply that came whole."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        yield self._data

    def close(self) -> None:
        """Do nothing: it has come."""


def broke_off(place: AnyPlace, reason: str) -> TransientError:
    """Return the error for a reply that was cut on its way."""
    return TransientError(
        f"The reply of {place.name!r} broke off: {reason.rstrip('.')}.", hint=AGAIN
    )
