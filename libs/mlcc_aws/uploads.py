"""Writing one S3 object as a stream: in parts, with checksums, whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

from mlcc_core import MlccError

if TYPE_CHECKING:
    from typing_extensions import Buffer

PART_BYTES = 16 << 20
"""Bytes of a part at first; S3 takes at least 5 MiB, the last one aside."""

PARTS_PER_SIZE = 1000
"""Parts after which the next ones are twice as large: S3 takes 10,000 parts of 5 GiB at most."""

IN_FLIGHT = 3
"""Parts that are sent at a time; with the one being filled, what bounds the memory."""


ABORT_SECONDS = 15.0
"""Seconds that an upload which is given up has to leave nothing behind; S3 keeps parts after that
until a lifecycle rule removes them, as ``bootstrap`` makes one."""


class ObjectWriter(io.RawIOBase):
    """A binary sink whose bytes become one object when it is finished.

    An object of less than one part is sent at once; anything larger as a multipart upload, each
    part with its SHA-256, which S3 verifies. Leaving without :meth:`finish` leaves nothing behind.

    Args:
        client: an S3 client.
        bucket, key: where the object goes.
        guard: surrounds each request and turns the SDK's errors into the user's.
        settings: of the object, as ``PutObject`` takes them (ServerSideEncryption, ContentType).
        part: bytes of a part at first; ``PART_BYTES`` by default.
    """

    def __init__(
        self,
        client: Any,
        bucket: str,
        key: str,
        guard: Callable[[], AbstractContextManager[None]],
        settings: Mapping[str, Any],
        part: int | None = None,
    ) -> None:
        self.bucket, self.key = bucket, key
        self.size = 0
        self._client = client
        self._guard = guard
        self._settings = dict(settings)
        self._part = part or PART_BYTES
        self._buffer = bytearray()
        self._upload: str | None = None
        self._sent: list[Future[dict[str, Any]]] = []
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="s3-part")
        self._done = False

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        """Take bytes; sends a part when there are enough.

        Raises:
            MlccError: an earlier part could not be sent.
        """
        view = memoryview(data).cast("B")
        self._buffer += view
        self.size += len(view)
        while len(self._buffer) >= (size := self._part << (len(self._sent) // PARTS_PER_SIZE)):
            self._send(bytes(self._buffer[:size]))
            del self._buffer[:size]
        return len(view)

    def finish(self) -> str:
        """Make the object visible.

        Returns:
            Its ETag.
        """
        if self._upload is None:
            etag = self._put()
        else:
            if self._buffer:
                self._send(bytes(self._buffer))
            etag = self._complete([sent.result() for sent in self._sent])
        self._done = True
        self._buffer.clear()
        self._pool.shutdown()
        return str(etag)

    def abort(self) -> None:
        """Leave nothing behind, if it was not finished; never raises."""
        if self._done:
            return
        self._done = True
        # A server may hang while the user waits for the program to end: bounded, in a daemon.
        last = Thread(target=self._leave_nothing, daemon=True)
        last.start()
        last.join(ABORT_SECONDS)

    def _leave_nothing(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        if self._upload is not None:
            with suppress(Exception):
                self._client.abort_multipart_upload(
                    Bucket=self.bucket, Key=self.key, UploadId=self._upload
                )

    def close(self) -> None:
        self.abort()
        super().close()

    def _complete(self, parts: list[dict[str, Any]]) -> str:
        """Join the parts.

        S3 names the ETag of the object after its parts, so that one whose answer was lost is
        known again.
        """
        try:
            with self._guard():
                answer = self._client.complete_multipart_upload(
                    Bucket=self.bucket,
                    Key=self.key,
                    UploadId=self._upload,
                    MultipartUpload={"Parts": parts},
                )
        except MlccError:
            with suppress(MlccError), self._guard():
                there = self._client.head_object(Bucket=self.bucket, Key=self.key)
                if (there["ContentLength"], there["ETag"]) == (self.size, joined_etag(parts)):
                    return str(there["ETag"])
            raise
        return str(answer["ETag"])

    def _put(self) -> str:
        data = bytes(self._buffer)
        with self._guard():
            answer = self._client.put_object(
                Bucket=self.bucket,
                Key=self.key,
                Body=data,
                ChecksumSHA256=checksum(data),
                **self._settings,
            )
        return str(answer["ETag"])

    def _send(self, data: bytes) -> None:
        if self._upload is None:
            with self._guard():
                self._upload = self._client.create_multipart_upload(
                    Bucket=self.bucket,
                    Key=self.key,
                    ChecksumAlgorithm="SHA256",
                    **self._settings,
                )["UploadId"]
        number = len(self._sent) + 1
        if number > IN_FLIGHT:
            self._sent[-IN_FLIGHT].result()
        self._sent.append(self._pool.submit(self._send_part, number, data))

    def _send_part(self, number: int, data: bytes) -> dict[str, Any]:
        with self._guard():
            digest = checksum(data)
            answer = self._client.upload_part(
                Bucket=self.bucket,
                Key=self.key,
                UploadId=self._upload,
                PartNumber=number,
                Body=data,
                ChecksumSHA256=digest,
            )
        return {"ETag": answer["ETag"], "PartNumber": number, "ChecksumSHA256": digest}


def joined_etag(parts: list[dict[str, Any]]) -> str:
    """The ETag that S3 gives to joined parts: the MD5 of their MD5s, and how many."""
    digests = b"".join(bytes.fromhex(str(part["ETag"]).strip('"')) for part in parts)
    return f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"'


def checksum(data: bytes) -> str:
    """The SHA-256 of ``data`` as S3 takes it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
