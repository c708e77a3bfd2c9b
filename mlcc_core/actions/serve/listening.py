"""The address that a server listens on, taken before any model is loaded."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from ipaddress import ip_address

from mlcc_core.actions.serve.request import KEY_VARIABLE, LOOPBACK, ServeRequest
from mlcc_core.errors import MlccError

NEAR = 20
"""Ports after a taken one that are tried for a hint."""


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def check_request(request: ServeRequest) -> None:
    """Refuse to serve other machines without a key.

    Raises:
        MlccError: a key is missing, or cannot be sent in a header.
    """
    key = request.api_key
    if key is not None and not (key.isascii() and key.isprintable() and key.strip() == key and key):
        raise MlccError(
            "The API key cannot be sent by clients: expected printable ASCII without spaces at "
            "its ends.",
            where=KEY_VARIABLE,
        )
    if key is None and not is_loopback(request.host):
        raise MlccError(
            f"Other machines reach {request.host}: without a key, anyone on the network could use "
            "the models.",
            where=f"--host {request.host}",
            hint=f"{KEY_VARIABLE}=$(openssl rand -hex 16) {request.command_line()}",
        )


def hosts_of(host: str) -> frozenset[str] | None:
    """Return the names that clients may call a server by; ``None`` for any.

    A web page may have any name point to this machine, and its requests then bear that name.
    """
    if not is_loopback(host):
        return None
    return frozenset(("127.0.0.1", "localhost", "::1", host))


def reached(host: str) -> str:
    """Return the host under which this machine itself reaches a server."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound to


def url_of(host: str, port: int) -> str:
    """Return the address of a server, for clients."""
    name = reached(host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/v1"


def listen(request: ServeRequest) -> socket.socket:
    """Take the address of a request; clients that come early wait until they are answered.

    Raises:
        MlccError: it cannot be had.
    """
    host, port = request.host, request.port
    try:
        return _taken(host, port)
    except OSError as error:
        where = f"--port {port}"
        if error.errno == errno.EADDRINUSE:
            free = next((near for near in range(port + 1, port + NEAR) if _is_free(host, near)), 0)
            raise MlccError(
                f"Port {port} of {host} is taken by another program.",
                where=where,
                hint=request.command_line(port=free),
            ) from None
        if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
            where = f"--host {host}"
            hint = f"{request.command_line(host=LOOPBACK)}   # on this machine"
        else:
            hint = f"{request.command_line(port=0)}   # takes any free port of this machine"
        raise MlccError(
            f"Cannot listen on {host}, port {port}: {error.strerror or error}.",
            where=where,
            hint=hint,
        ) from None


def _is_free(host: str, port: int) -> bool:
    try:
        _taken(host, port).close()
    except (OSError, OverflowError):
        return False
    return True


def _taken(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener
