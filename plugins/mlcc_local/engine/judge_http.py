"""A judge behind an OpenAI-compatible address."""

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

from mlcc_core.errors import MlccError, PlatformError

KEY_VARIABLES = ("MLCC_JUDGE_API_KEY", "OPENAI_API_KEY")
AT_ONCE = 8
"""Requests in flight."""
LONGEST_PAUSE = 30.0
"""Seconds, whatever ``Retry-After`` asks for."""
TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: it would carry the key to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask.

    Attributes:
        url: the API's base (``http://host/v1``), or the address of its chat completions.
        model: the model's name there.
        timeout: seconds for one request.
        attempts: how often one request is tried.
        pause: seconds before the second attempt, doubled before each further one.
    """

    url: str
    model: str
    timeout: float = 120.0
    attempts: int = 4
    pause: float = 1.0

    def ask(self, prompts: Sequence[str]) -> list[str]:
        """The answers to the prompts, in order.

        Raises:
            PlatformError: it cannot be reached, or refuses the key.
            MlccError: the address or the model's name is wrong.
        """
        if len(prompts) < 2:
            return [self._one(prompt) for prompt in prompts]
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return list(pool.map(self._one, prompts))

    def _one(self, prompt: str) -> str:
        request = self._request(prompt)
        pause = self.pause
        for attempt in range(1, self.attempts + 1):
            last = attempt == self.attempts
            try:
                with self._opener().open(request, timeout=self.timeout) as answer:
                    return self._text(answer.read())
            except urllib.error.HTTPError as error:
                if error.code not in TRANSIENT or last:
                    raise self._refused(error) from None
                wait = _retry_after(error) or pause
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise self._down(error) from None
                wait = pause
            time.sleep(min(wait, LONGEST_PAUSE))
            pause *= 2
        raise AssertionError("attempts is at least 1")

    def _request(self, prompt: str) -> urllib.request.Request:
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MlccError(
                f"--judge-url {self.url!r} is no address, expected http://HOST[:PORT]/v1.",
                where="--judge-url",
            )
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

    def _opener(self) -> urllib.request.OpenerDirector:
        host = urllib.parse.urlsplit(self.url).hostname or ""
        here = host == "localhost" or host.startswith("127.") or host == "::1"
        proxies = [urllib.request.ProxyHandler({})] if here else []
        return urllib.request.build_opener(NoRedirect, *proxies)

    def _text(self, body: bytes) -> str:
        try:
            content = json.loads(body)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError):
            raise MlccError(
                f"Judge {self.url} sent {body[:120]!r}, expected an OpenAI chat completion.",
                where="--judge-url",
            ) from None
        return content if isinstance(content, str) else ""

    def _refused(self, error: urllib.error.HTTPError) -> MlccError:
        said = error.read(300).decode("utf-8", "replace").strip().replace("\n", " ")
        text = f"Judge {self.url} answered {error.code}: {said or error.reason}"
        if error.code in (401, 403):
            return PlatformError(text, hint=f"export {KEY_VARIABLES[0]}=…")
        if error.code in TRANSIENT:
            return PlatformError(text, hint="try again later")
        return MlccError(
            text,
            where="--judge-url",
            hint=f"check --judge-url, and the name in --judge-model ({self.model})",
        )

    def _down(self, error: Exception) -> PlatformError:
        reason = getattr(error, "reason", None) or error
        return PlatformError(
            f"Judge {self.url} cannot be reached: {reason} (tried {self.attempts} times).",
            hint=f"start it, or check --judge-url: curl {self.url}",
        )


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    value = error.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
