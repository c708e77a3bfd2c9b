"""The hosts of a job and their processes, as ``input/config/resourceconfig.json`` tells them.

{"current_host": "algo-1", "hosts": ["algo-1", "algo-2"], "network_interface_name": "eth0"}
"""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_engine.container.layout import PROCESSES
from mlcc_engine.devices import count_gpus

FILE = "input/config/resourceconfig.json"

PORTS = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections."""

NAME_SECONDS = 300
"""For the name of the first host to be known: hosts do not all start at once."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """The machines that train a job.

    Attributes:
        current: the name of this one.
        names: of all, in order; the first one leads.
        interface: the network interface by which they reach each other, if one is named.
        processes: on each of them.
    """

    current: str
    names: tuple[str, ...]
    interface: str | None = None
    processes: int = 1

    @property
    def leads(self) -> bool:
        """Return whether this host speaks for the job."""
        return self.index == 0

    @property
    def index(self) -> int:
        """Return the number of this host, from 0."""
        return self.names.index(self.current)

    @property
    def world(self) -> int:
        """Return how many processes train, on all hosts together."""
        return len(self.names) * self.processes

    def meeting(self, job: str) -> str:
        """Return ``HOST:PORT`` where all hosts of a job meet, without asking each other."""
        mark = zlib.crc32("\n".join([job, *self.names]).encode())
        return f"{self.names[0]}:{PORTS[mark % len(PORTS)]}"

    def environment(self) -> dict[str, str]:
        """Return the variables by which torch finds the interface between hosts."""
        if len(self.names) == 1 or self.interface is None:
            return {}
        return dict.fromkeys(("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"), self.interface)


def read(root: Path, document: Any, environment: Mapping[str, str]) -> Hosts:
    """Return the hosts of a job.

    Args:
        root: of the container, for messages.
        document: of the file.
        environment: of this process.

    Raises:
        PlatformError: the file says something else.
        MlccError: the number of processes is not one.
    """
    import pydantic

    try:
        found = pydantic.TypeAdapter(_Resources).validate_python(document)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise PlatformError(f"{root / FILE}: {name}: {first['msg']}.") from None
    names = tuple(sorted(found.hosts))
    if found.current_host not in names:
        raise PlatformError(f"{root / FILE}: the host {found.current_host!r} is none of its hosts.")
    return Hosts(
        found.current_host,
        names,
        found.network_interface_name,
        _processes(environment.get(PROCESSES)),
    )


def wait_for(host: str, seconds: float = NAME_SECONDS) -> None:
    """Wait until the name of a host is known to this one.

    Raises:
        PlatformError: it is not, after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.getaddrinfo(host, None)
        except OSError as error:
            if time.monotonic() > deadline:
                raise PlatformError(f"The host {host} has no address: {error}.") from None
            time.sleep(1)
        else:
            return


@dataclass(frozen=True, slots=True)
class _Resources:
    current_host: str
    hosts: list[str]
    network_interface_name: str | None = None


def _processes(text: str | None) -> int:
    if text is None or not text.strip():
        return max(1, count_gpus())
    if text.strip().isascii() and text.strip().isdigit() and int(text) > 0:
        return int(text)
    raise MlccError(f"{PROCESSES}={text!r} is not a number of processes, expected 1 or more.")
