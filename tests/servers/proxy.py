"""A TCP proxy on 127.0.0.1 that breaks off some of its connections, for servers without faults."""

from __future__ import annotations

import contextlib
import socket
import threading

SECONDS = 20.0
"""A connection that is idle for this long is closed."""


class Proxy:
    """Passes everything on to ``target``, but for the connections that are planned to break.

    Attributes:
        address: what a client connects to.
        cuts: for the next connections, one each: after how many bytes of the answer it is cut.
    """

    def __init__(self, target: str) -> None:
        host, _, port = target.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self.cuts: list[int] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                cut = self.cuts.pop(0) if self.cuts else None
                server = socket.create_connection(self._target, timeout=SECONDS)
                client.settimeout(SECONDS)
                for source, sink, limit in ((client, server, None), (server, client, cut)):
                    threading.Thread(
                        target=self._pass, args=(source, sink, limit), daemon=True
                    ).start()

    @staticmethod
    def _pass(source: socket.socket, sink: socket.socket, limit: int | None) -> None:
        left = limit
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                sink.sendall(block if left is None else block[:left])
                if left is not None:
                    left -= len(block)
                    if left <= 0:
                        break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
