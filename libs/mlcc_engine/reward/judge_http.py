"""A judge behind an OpenAI-compatible address.

A request that fails in passing (the judge is down, overloaded, or slow) is tried five times, with
pauses of 1, 2, 4 and 8 seconds between: a judge that is back within 15 seconds is not missed. A
request that fails after that, or is refused for its own sake (too long, against a filter), is one
answer less. A failure that every request would meet (a wrong key, address or model) is raised at
once.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import shown_address
from mlcc_engine.reward.judge_error import JudgeError

KEY_VARIABLES = ("MLCC_JUDGE_API_KEY", "OPENAI_API_KEY")
ATTEMPTS = 5
AT_ONCE = 8
"""Requests in flight."""
LONGEST_PAUSE = 30.0
"""Seconds, whatever ``Retry-After`` asks for."""
TRANSIENT_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
PROMPT_ERROR_STATUSES = frozenset({400, 413, 422})
"""A prompt longer than the judge reads, or one that a filter refuses."""


class Unanswered(Exception):
    """One prompt gets no answer, while another may; ``error`` says why."""

    def __init__(self, error: MlccError) -> None:
        super().__init__(error.what)
        self.error = error


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: it would carry the key to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a judge.

    Attributes:
        url: the API's base (``http://host/v1``), or the address of its chat completions.
        model: the model's name there.
        timeout: seconds for one request.
        attempts: how often one request is tried.
        pause: seconds before the second attempt, doubled before each further one: with five
            attempts, 15 seconds in all.
    """

    url: str
    model: str
    timeout: float = 120.0
    attempts: int = ATTEMPTS
    pause: float = 1.0

    def ask(self, prompts: Sequence[str]) -> list[str | MlccError]:
        """Return the answers to the prompts, in order; an error for a prompt that got none.

        Raises:
            PlatformError: it refuses the key.
            MlccError: the address or the model's name is wrong, or it is not a judge.
        """
        if len(prompts) < 2:
            return [self._one(prompt) for prompt in prompts]
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return list(pool.map(self._one, prompts))

    def _one(self, prompt: str) -> str | MlccError:
        try:
            return self._answer(self._request(prompt))
        except Unanswered as unanswered:
            return unanswered.error

    def _answer(self, request: urllib.request.Request) -> str:
        pause = self.pause
        for attempt in range(1, self.attempts + 1):
            last = attempt == self.attempts
            try:
                with self._opener().open(request, timeout=self.timeout) as answer:
                    return self._text(answer.read())
            except urllib.error.HTTPError as error:
                if error.code not in TRANSIENT_STATUSES or last:
                    raise self._refused(error) from None
                wait = _retry_after(error) or pause
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise Unanswered(self._down(error)) from None
                wait = pause
            time.sleep(min(wait, LONGEST_PAUSE))
            pause *= 2
        raise AssertionError("attempts is at least 1")

    @property
    def shown(self) -> str:
        """Its address for messages: without a secret."""
        return shown_address(self.url)

    def _request(self, prompt: str) -> urllib.request.Request:
        parts = self._parts()
        end = "/chat/completions"
        path = parts.path.rstrip("/")
        url = parts._replace(path=path if path.endswith(end) else path + end)
        headers = {"Content-Type": "application/json"}
        if key := next(filter(None, map(os.environ.get, KEY_VARIABLES)), None):
            headers["Authorization"] = f"Bearer {key}"
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0,
        }
        return urllib.request.Request(  # noqa: S310 - the scheme was checked
            url.geturl(), json.dumps(body).encode(), headers, method="POST"
        )

    def _parts(self) -> urllib.parse.SplitResult:
        try:
            parts = urllib.parse.urlsplit(self.url)
            host, port = (parts.hostname or "").encode("idna"), parts.port
        except ValueError:
            host, port = b"", 0
        if not host or port == 0 or parts.scheme not in ("http", "https"):
            raise MlccError(
                f"--judge-url {self.shown!r} is not an address, expected http://HOST[:PORT]/v1.",
                where="--judge-url",
                hint="pass --judge-url http://127.0.0.1:8000/v1",
            )
        return parts

    def _opener(self) -> urllib.request.OpenerDirector:
        host = urllib.parse.urlsplit(self.url).hostname or ""
        here = host == "localhost" or host.startswith("127.") or host == "::1"
        proxies = [urllib.request.ProxyHandler({})] if here else []
        return urllib.request.build_opener(NoRedirect, *proxies)

    def _text(self, body: bytes) -> str:
        try:
            document = json.loads(body)
            if isinstance(document, dict) and document.get("error"):
                raise Unanswered(PlatformError(f"Judge {self.shown} answered {_shown(body)}"))
            content = document["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise MlccError(
                f"Judge {self.shown} sent {_shown(body)}, expected an OpenAI chat completion.",
                where="--judge-url",
                hint=f"check --judge-url: curl {self.shown}",
            ) from None
        return content if isinstance(content, str) else ""

    def _refused(self, error: urllib.error.HTTPError) -> Exception:
        """The exception for a status that is not an answer: to this prompt, or to every one."""
        text = f"Judge {self.shown} answered {error.code}: {_said(error) or error.reason}"
        if error.code in (401, 403):
            return PlatformError(text, hint=f"export {KEY_VARIABLES[0]}=…")
        if error.code in TRANSIENT_STATUSES:
            return Unanswered(PlatformError(text, hint="try again later"))
        if error.code in PROMPT_ERROR_STATUSES:
            hint = f"check --judge-model ({self.model}), and how long its prompts may be"
            return Unanswered(JudgeError(text, where="--judge-model", hint=hint))
        return MlccError(
            text,
            where="--judge-url",
            hint=f"check --judge-url, and the name in --judge-model ({self.model})",
        )

    def _down(self, error: Exception) -> PlatformError:
        reason = getattr(error, "reason", None) or error
        return PlatformError(
            f"Judge {self.shown} cannot be reached: {reason} (tried {self.attempts} times, with "
            f"pauses of {self.pause * (2 ** (self.attempts - 1) - 1):g} seconds in all).",
            hint=f"start it, or check --judge-url: curl {self.shown}",
        )


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    value = error.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _said(error: urllib.error.HTTPError) -> str:
    """The first words of what came with a status."""
    try:
        return error.read(300).decode("utf-8", "replace").strip().replace("\n", " ")
    except (OSError, http.client.HTTPException):
        return ""


def _shown(body: bytes) -> str:
    return repr(body[:120].decode("utf-8", "replace"))
