"""Commands about weights, whatever their place is called."""

from __future__ import annotations

import re
import shlex
from typing import Literal

from mlcc_core import Context
from mlcc_core.helpers.hints import hint_kind, path_word
from mlcc_sagemaker.aws.account import known_bucket

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


@hint_kind("a model of the Hub, copied to S3 as a base")
def copied_model(context: Context, repository: str) -> str:
    """Return the commands that copy a model of the Hub to the project's bucket."""
    name = repository.rpartition("/")[2]
    download = f"hf download {repository} --local-dir {name}"
    return f"{download} && {_copied(context, name, name)}"


@hint_kind("a folder with a model, copied to S3 as a base")
def copied_folder(context: Context, folder: str) -> str:
    """Return the command that copies a model of this machine to the project's bucket."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.rstrip("/").rpartition("/")[2]).strip(".-")
    return _copied(context, folder, name or "model")


def _copied(context: Context, folder: str, name: str) -> str:
    to = f"s3://{known_bucket(context) or 'BUCKET'}/models/{name}/"
    copy = f"aws s3 cp --recursive {path_word(folder)} {to}"
    return f"{copy}   # then set MODEL_ID={to} in do/config"
