"""The SageMaker Python SDK, quiet: no telemetry, no defaults of its own, no word on stdout."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mlcc_core import Context, MlccError
from mlcc_core.helpers import install_command
from mlcc_sagemaker.aws.account import PACKAGE, region_of

MINIMUM_VERSION = "3"
DEFAULTS = Path(__file__).with_name("sdk.yaml")

SDK_CONFIG_VARIABLES = (
    *("SAGEMAKER_USER_CONFIG_OVERRIDE", "SAGEMAKER_ADMIN_CONFIG_OVERRIDE"),
    *("SAGEMAKER_CORE_USER_CONFIG_OVERRIDE", "SAGEMAKER_CORE_ADMIN_CONFIG_OVERRIDE"),
)
"""Variables that name files of defaults for the SDK; they would change a proved request."""

ATTEMPTS = "5"
"""Tries of one request, as of all others that we make."""

FORWARDED_SETTINGS = ("AWS_PROFILE", "AWS_ENDPOINT_URL")
"""Settings of ``do/config`` that the SDK reads from the environment only."""


@contextlib.contextmanager
def quiet_sdk(context: Context) -> Iterator[None]:
    """Import and use the SDK inside, where the environment says what it is to see.

    Raises:
        MlccError: it is not installed, or too old.
    """
    require_sdk()
    with (
        _no_logging(),
        _environment(environment_for(context)),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def installed() -> str | None:
    """The SDK's version, without importing it; ``None`` when it is not installed."""
    try:
        return version("sagemaker")
    except PackageNotFoundError:
        return None


def new_enough(found: str) -> bool:
    """Return whether this version has what we use."""
    return int(found.split(".", maxsplit=1)[0]) >= int(MINIMUM_VERSION)


def require_sdk() -> None:
    """Refuse to go on without the SDK.

    Raises:
        MlccError: it is not installed, or too old.
    """
    found = installed()
    if found is None or not new_enough(found):
        have = f"{found} is installed" if found else "it is not installed"
        raise MlccError(
            f"This needs the Python package sagemaker>={MINIMUM_VERSION}; {have}.",
            hint=install_command(PACKAGE),
        )


def environment_for(context: Context) -> dict[str, str]:
    """The variables that the SDK is to see."""
    region = region_of(context)
    forwarded = {name: context.settings.get(name) for name in FORWARDED_SETTINGS}
    attempts = context.settings.get("AWS_MAX_ATTEMPTS") or ATTEMPTS
    return {
        # The SDK would try ten times, each of them for a minute when the network is dead.
        "AWS_MAX_ATTEMPTS": attempts,
        "AWS_RETRY_MODE": context.settings.get("AWS_RETRY_MODE") or "standard",
        **dict.fromkeys(SDK_CONFIG_VARIABLES, str(DEFAULTS)),
        # The execution role needs only what serverless jobs take; the SDK would ask for more.
        "SAGEMAKER_VALIDATE_ROLE": "false",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **{name: value for name, value in forwarded.items() if value},
    }


@contextlib.contextmanager
def _no_logging() -> Iterator[None]:
    """Whatever its loggers are called and wherever they write to."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """These variables while inside, and what was there before after it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
