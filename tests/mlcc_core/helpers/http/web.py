"""A web server on 127.0.0.1 that misbehaves on request."""

from __future__ import annotations

import gzip
import hashlib
from email.utils import formatdate

from tests.servers.wire import Fault, Handler, Journal, QuietServer


class Web:
    """Files by their paths, and how the server treats them.

    Attributes:
        files: contents by path, with the leading ``/``.
        redirects: addresses by path.
        token: the bearer token that is needed, if any.
        tags: answers name an ETag, else Last-Modified.
        ranges: range requests are answered by ranges.
        gzips: bodies are compressed, though nobody asked for it.
        named: further headers by path.
    """

    def __init__(self):
        self.files = {}
        self.redirects = {}
        self.token = None
        self.tags = True
        self.ranges = True
        self.gzips = False
        self.named = {}
        self.date = 0
        self.journal = Journal()
        web = self

        class WebHandler(Handler):
            journal = web.journal

            def answer(self):
                web.answer(self)

        self._server = QuietServer(WebHandler)
        self.address = self._server.address

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._server.stop()

    def plan(self, *faults: Fault):
        for fault in faults:
            self.journal.plan(fault)

    def requests(self):
        return self.journal.requests()

    def answer(self, handler):
        path = handler.route
        if path in self.redirects:
            handler.reply(302, b"", {"Location": self.redirects[path]})
        elif self.token and handler.headers.get("Authorization") != f"Bearer {self.token}":
            handler.reply(401, b"no")
        elif path not in self.files:
            handler.reply(404, b"nothing")
        else:
            self.send(handler, self.files[path], self.named.get(path, {}))

    def send(self, handler, content, headers):
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        modified = formatdate(self.date, usegmt=True)
        headers = {**({"ETag": tag} if self.tags else {"Last-Modified": modified}), **headers}
        if not self.ranges:
            handler.fault.no_ranges = True
        if handler.headers.get("If-Range", tag) != tag:
            handler.fault.no_ranges = True
        if self.gzips:
            handler.fault.no_ranges = True
            content, headers = gzip.compress(content), {**headers, "Content-Encoding": "gzip"}
        handler.reply_file(content, headers)
