"""A proxy that lets nothing through and remembers who wanted to leave this machine."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Trap:
    """What ``HTTPS_PROXY`` points to: every request that passes ``AWS_ENDPOINT_URL`` by ends here.

    Attributes:
        address: of the proxy.
        hosts: whom clients asked for, in order.
    """

    def __init__(self) -> None:
        self.hosts: list[str] = []
        trap = self

        class _Refuse(BaseHTTPRequestHandler):
            timeout = 10.0

            def _refuse(self) -> None:
                trap.hosts.append(self.path)
                self.send_error(502, "nothing leaves this machine")
                self.close_connection = True

            do_CONNECT = do_GET = do_POST = do_HEAD = do_PUT = _refuse  # noqa: N815

            def log_message(self, *args: object) -> None:
                """Stay silent: tests read ``hosts``."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Refuse)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
