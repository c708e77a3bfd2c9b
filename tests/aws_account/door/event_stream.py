"""AWS's binary framing of event streams, which botocore reads and cannot write.

A frame is its length, the length of its headers and the CRC of both; the headers; the payload; and
the CRC of all that. Every header here is a string.
"""

from __future__ import annotations

import json
import struct
from binascii import crc32
from collections.abc import Mapping

CONTENT_TYPE = "application/vnd.amazon.eventstream"
PRELUDE_BYTES = 12
CRC_BYTES = 4
STRING = 7
"""The type of a header's value: UTF-8 after two bytes of length."""


def payload_part(data: bytes) -> bytes:
    """The frame of one part of a payload."""
    headers = {
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
        ":message-type": "event",
    }
    return frame(headers, data)


def failure(kind: str, members: Mapping[str, str]) -> bytes:
    """The frame of an error that ends a stream: ``ModelStreamError``, ``InternalStreamFailure``."""
    headers = {
        ":exception-type": kind,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return frame(headers, json.dumps(dict(members)).encode())


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One frame."""
    packed = b"".join(_header(name, value) for name, value in headers.items())
    total = PRELUDE_BYTES + len(packed) + len(payload) + CRC_BYTES
    prelude = struct.pack("!II", total, len(packed))
    message = prelude + struct.pack("!I", crc32(prelude)) + packed + payload
    return message + struct.pack("!I", crc32(message))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return bytes([len(key)]) + key + struct.pack("!BH", STRING, len(text)) + text
