"""Recognise errors for memory that ran out, in the words of any library, and report them."""

from __future__ import annotations

import errno
import re
import signal
from collections.abc import Iterable

from mlcc_core.errors import PlatformError
from mlcc_core.helpers.text import first_line

HINT = "ps aux | sort -rnk 4 | head   # what takes the memory: end some of it, then try again"

SAID = re.compile(
    r"out of memory|cannot allocate memory|not enough memory|DefaultCPUAllocator"
    r"|memory allocation of \d+ bytes failed|(m|re)alloc of size \d+ failed"
    r"|larger than (the )?available memory",
    re.IGNORECASE,
)
"""Words of Arrow, Polars, torch, zstd and the C library, whose errors have no type for it."""

KILLED_CODES = (-signal.SIGKILL, 128 + signal.SIGKILL)
"""Exit codes of a process that the kernel ended: it does so when memory runs out."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return True where an error says that memory ran out, of the host or of an accelerator."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno == errno.ENOMEM
    return bool(SAID.search(str(error)))


def out_of_memory(error: BaseException, doing: str = "") -> PlatformError:
    """Return the error for memory that ran out.

    Args:
        error: by which a library said it.
        doing: what was going on, to begin the sentence: ``"Reading a.parquet"``.
    """
    line = first_line(error).rstrip(".")[:200]
    said = f" ({line})" if line else ""
    while_doing = f"{doing}: this" if doing else "This"
    return PlatformError(f"{while_doing} machine ran out of memory{said}.", hint=HINT)


def killed_process(who: str, code: int, detail: Iterable[str] = ()) -> PlatformError:
    """Return the error for a child process that ended without an answer.

    Args:
        who: begins the sentence ("The process that counts tokens").
        code: its exit code; below 0, the signal that ended it.
        detail: the last lines that it printed.
    """
    cause = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    if code in KILLED_CODES:
        memory = ", as happens when memory runs out"
        return PlatformError(f"{who} {cause}{memory}.", detail=detail, hint=HINT)
    return PlatformError(f"{who} {cause}.", detail=detail)
