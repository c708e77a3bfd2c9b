"""The fingerprint of a file's content, without always reading all of it."""

from __future__ import annotations

import hashlib
import os
import time
from io import BufferedReader
from typing import Any

HASHED_WHOLE_BYTES = 64 << 20
"""Bytes up to which the content itself is hashed (0.05 to 0.2 s); such a fingerprint survives
copying the file anywhere."""

SAMPLES = 16
SAMPLE = 64 << 10
"""Of a larger file, this many pieces of this many bytes are hashed, evenly spread from the first
to the last, together with its size and time of change (nanoseconds): it survives ``cp -p``."""


SETTLED_SECONDS = 2.0
"""Seconds without a change after which the file system's clock has ticked: writing to the file from
then on changes its times (ext4's tick is 4 ms, FAT's two seconds)."""

State = tuple[int, int, int, int, int]
"""Device, inode, size and times of change (of content, of anything; nanoseconds) of a file."""

_hashed: dict[State, str] = {}
"""Digests of files that had settled: a file is listed once, but opened several times."""


def fingerprint(file: BufferedReader[Any]) -> tuple[int, str]:
    """The size of an open file in bytes, and what changes whenever its content does.

    Raises:
        OSError: it cannot be read.
    """
    status = os.fstat(file.fileno())
    if status.st_size <= HASHED_WHOLE_BYTES:
        return status.st_size, f"sha256:{_hashed_whole(file, _state(status))}"
    sampled = hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode())
    for number in range(SAMPLES):
        file.seek((status.st_size - SAMPLE) * number // (SAMPLES - 1))
        sampled.update(file.read(SAMPLE))
    return status.st_size, f"sampled:{sampled.hexdigest()}"


def _hashed_whole(file: BufferedReader[Any], state: State) -> str:
    if state in _hashed:
        return _hashed[state]
    settled = time.time_ns() - max(state[-2:]) > SETTLED_SECONDS * 1e9
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    if settled and _state(os.fstat(file.fileno())) == state:
        _hashed[state] = digest
    return digest


def _state(status: os.stat_result) -> State:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
