"""Commands about weights, whatever their place is called."""

from __future__ import annotations

import shlex
from typing import Literal

from mlcc_core.helpers.hints import hint_kind, path_word

COMMANDS = {"adapter": "./do/adapter add NAME --weights", "model": "./do/add-ic NAME --model-data"}


@hint_kind("weights in S3, listed")
def stored(uri: str) -> str:
    """Return the command that lists what is at a URI and below it."""
    return f"aws s3 ls --recursive {shlex.quote(uri)}"


@hint_kind("weights in S3, deployed")
def deployed(kind: Literal["adapter", "model"], uri: str) -> str:
    """Return the command that deploys what is at a URI as ``NAME``."""
    return f"{COMMANDS[kind]} {shlex.quote(uri)}"


@hint_kind("a folder of weights, brought to S3")
def brought(folder: str, flag: str) -> str:
    """Return the command that brings a folder to S3.

    Args:
        folder: on this machine, or an address elsewhere.
        flag: that takes the URI.
    """
    to = "s3://BUCKET/PREFIX"
    if "://" in folder:
        return f"download it, bring it to S3, then pass {flag} {to}"
    return f"aws s3 cp --recursive {path_word(folder)} {to}   # then pass {flag} {to}"
