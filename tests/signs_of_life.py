"""What a command prints about its silence, which depends on how busy the machine is."""

from __future__ import annotations

import re

SIGN = re.compile(r"^[A-Z][^\n]* …( \d+ s)?\n", re.MULTILINE)


def without_signs_of_life(stderr: str) -> str:
    """Return what a program wrote to a log, without the lines that say that it goes on.

    A program of a test's own writes one as soon as it is silent for 0.7 seconds, which on a busy
    machine any program is: a test of the rest leaves them out.

    Example:
        >>> without_signs_of_life("Making the project …\\n❌ The disk is full.\\n")
        '❌ The disk is full.\\n'
    """
    return SIGN.sub("", stderr)
