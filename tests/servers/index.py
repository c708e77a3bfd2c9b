"""A Python package index that serves wheels on this machine, for pip."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Index:
    """A running index.

    Attributes:
        url: for ``PIP_INDEX_URL``.
        wheels: their bytes, by file name.
        asked: the paths that were asked for.
        pause: seconds between the first half of a wheel and the second.
    """

    url: str
    wheels: Mapping[str, bytes]
    asked: list[str] = field(default_factory=list)
    pause: float = 0.0

    def downloads(self) -> int:
        """Return how often a wheel was asked for."""
        return sum(path.endswith(".whl") for path in self.asked)


@contextmanager
def serving(wheels: Mapping[str, bytes]) -> Iterator[Index]:
    """Serve wheels as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            name = self.path.rpartition("/")[2]
            if name in wheels:
                self.answer("application/octet-stream", wheels[name], index.pause)
                return
            project = self.path.strip("/").rpartition("/")[2].replace("-", "_")
            links = [f'<a href="/files/{w}">{w}</a>' for w in wheels if w.startswith(project)]
            self.answer("text/html", f"<!DOCTYPE html><html>{''.join(links)}</html>".encode())

        def answer(self, kind: str, body: bytes, pause: float = 0.0) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            half = len(body) // 2
            self.wfile.write(body[:half])
            self.wfile.flush()
            time.sleep(pause)
            self.wfile.write(body[half:])

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # a client that was killed
        index = Index(f"http://127.0.0.1:{server.server_port}/simple", wheels)
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield index
        finally:
            server.shutdown()
