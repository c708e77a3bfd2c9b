"""The request to serve, and where it came to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcc_core.actions.requests import flag_words
from mlcc_core.staging.model.request import quote

LOOPBACK = "127.0.0.1"
PORT = 8000

KEY_VARIABLE = "MLCC_SERVE_API_KEY"
"""The variable of the environment that holds the key."""


@dataclass(frozen=True)
class ServeRequest:
    """One call of ``serve``.

    Attributes:
        targets: models that are served beside those of the project.
        host: to listen on; anything but this machine's own addresses needs a key.
        port: to listen on; 0 takes a free one.
        api_key: that requests must have; ``None`` for none.
        own: mlcc's own server serves (``True``), the platform's must (``False``), or the better
            one of those that are there (``None``).
    """

    targets: tuple[str, ...] = ()
    host: str = LOOPBACK
    port: int = PORT
    api_key: str | None = field(default=None, repr=False)
    own: bool | None = None

    def command_line(self, **changed: Any) -> str:
        """Return the command of this request with other values, for hints; never with the key.

        Example:
            ``mlcc serve sft --host 0.0.0.0 --port 9000``
        """
        given = dataclasses.replace(self, **changed)
        words = [
            ("mlcc serve", True),
            *((quote(target), True) for target in given.targets),
            ("--host", None if given.host == LOOPBACK else given.host),
            ("--port", None if given.port == PORT else given.port),
            ("--server", {True: "mlcc", False: "platform", None: None}[given.own]),
        ]
        return " ".join(flag_words(words))


@dataclass(frozen=True)
class ReadyServer:
    """A server that answers.

    Attributes:
        url: for clients, with ``/v1``.
        base: the name of the base model.
        models: names by which models are asked.
        adapters: how many of the models are adapters.
        left_out: by name, why a model is not served.
        server: the program: ``mlcc``, or the platform's.
        locked: requests need the key.
    """

    url: str
    base: str
    models: tuple[str, ...]
    adapters: int
    left_out: Mapping[str, str]
    server: str
    locked: bool
