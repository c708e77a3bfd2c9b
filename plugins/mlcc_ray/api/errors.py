"""Failures between this machine and a cluster, as errors for the user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from mlcc_core import MlccError, PlatformError, TransientError
from mlcc_core.helpers import first_line, reason_of
from mlcc_ray.settings import ADDRESS

STATUS = re.compile(r"Request failed with status code (?P<status>\d{3}): (?P<text>.*)", re.DOTALL)
"""The words of Ray's client for every answer that is not 200."""

EXISTS = "already exists"
UNTRUSTED = "certificate verify failed"
MISSING, SERVER_FAULT = 404, 500
REFUSED = (401, 403)


class NoSuchJob(Exception):
    """The cluster has no job of that id."""


class JobExists(Exception):
    """The cluster has a job of that id already."""


@contextmanager
def cluster_errors(address: str, doing: str) -> Iterator[None]:
    """Turn what Ray's client raises into errors for the user.

    Args:
        address: of the cluster.
        doing: what was tried, to go on a sentence: ``submit the job``.

    Raises:
        NoSuchJob, JobExists: the cluster says so.
        TransientError: it does not answer, or with a fault of its own.
        PlatformError: it refuses, or is not a Ray cluster.
    """
    try:
        yield
    except (NoSuchJob, JobExists, MlccError):
        raise
    except Exception as error:
        raise _translated(error, address, doing) from None


def _translated(error: Exception, address: str, doing: str) -> Exception:
    kind, text = type(error).__name__, reason_of(error)
    match = STATUS.search(str(error))
    if match is not None:
        return _answered(int(match["status"]), match["text"], address, doing)
    if kind == "AuthenticationError":
        return _refused(address, doing, first_line(text))
    if any(type(each).__name__ == "SSLError" for each in _chain(error)):
        return _unsafe(error, address, doing)
    # No connection, or one that broke off; an answer that is not JSON is both kinds of error.
    if isinstance(error, OSError) and not isinstance(error, ValueError):
        return TransientError(
            f"Cannot {doing}: the Ray cluster at {address} does not answer.",
            where=ADDRESS,
            hint=asked(address),
        )
    return PlatformError(
        f"Cannot {doing}: what answers at {address} is not the dashboard of a Ray cluster "
        f"({first_line(text)[:200]}).",
        where=ADDRESS,
        hint=asked(address),
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those that it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _unsafe(error: Exception, address: str, doing: str) -> PlatformError:
    if any(UNTRUSTED in str(each) for each in _chain(error)):
        why = "has a certificate that this machine does not trust"
        hint = "export REQUESTS_CA_BUNDLE=ca.pem   # a file with the certificate that signed it"
    else:
        why = "does not speak https"
        hint = f"export {ADDRESS}={address.replace('https:', 'http:', 1)}"
    what = f"Cannot {doing}: the Ray cluster at {address} {why}."
    return PlatformError(what, where=ADDRESS, hint=hint)


def _answered(status: int, text: str, address: str, doing: str) -> Exception:
    if EXISTS in text:
        return JobExists()
    if status == MISSING and "does not exist" in text:
        return NoSuchJob()
    last = next((line for line in reversed(text.splitlines()) if line.strip(". ")), "").strip()
    if status in REFUSED:
        return _refused(address, doing, last)
    kind = TransientError if status >= SERVER_FAULT else PlatformError
    said = f" ({last[:200].rstrip('.')})" if last else ""
    return kind(
        f"Cannot {doing}: the Ray cluster at {address} answered {status}{said}.",
        where=ADDRESS,
        hint=asked(address),
    )


def _refused(address: str, doing: str, said: str) -> PlatformError:
    # With TLS before it stands a proxy, which has a way of its own.
    proxy = 'export RAY_JOB_HEADERS=\'{"Authorization": "Bearer TOKEN"}\''
    cluster = "export RAY_AUTH_MODE=token RAY_AUTH_TOKEN=TOKEN"
    return PlatformError(
        f"Cannot {doing}: the Ray cluster at {address} wants a token ({said[:200].rstrip('.')}).",
        where=ADDRESS,
        hint=proxy if address.startswith("https:") else cluster,
    )


def asked(address: str) -> str:
    """Return the command that shows whether a cluster answers."""
    return f"curl {address}/api/version   # an answer names the version of Ray"
