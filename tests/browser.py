"""A real browser without a window, driven by its own protocol over a pipe: no library, no port.

Tests that look at a page take the fixture ``browser``. Without Chromium they are skipped with the
reason; ``MLCC_REQUIRE_BROWSER=1``, which ``.ci/run`` sets, makes that a failure.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SURROUNDINGS = dict(os.environ)
"""As they were when pytest began: tests have a home and variables of their own."""

REQUIRED = "MLCC_REQUIRE_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 120.0
"""Seconds in which an answer must come."""

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe"),
)


class Browser:
    """One page of a browser, and everything that it did.

    Attributes:
        requests: addresses that were asked for.
        complaints: what the console said, and errors of scripts.
    """

    def __init__(self, program: str, home: Path) -> None:
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        # The protocol's descriptors are 3 and 4, which the shell puts in their place.
        wiring = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", wiring, program, *FLAGS, f"--user-data-dir={home}"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(home)},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self._happened: list[dict[str, Any]] = []
        try:
            self._attach()
        except BaseException:
            self._process.kill()
            raise

    @property
    def requests(self) -> list[str]:
        sent = (e["params"] for e in self._happened if e["method"] == "Network.requestWillBeSent")
        return [each["request"]["url"] for each in sent]

    @property
    def complaints(self) -> list[str]:
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(e["params"]) for e in self._happened if e["method"] in kinds]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask for something, and wait for the answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        answer = self._until(lambda found: found.get("id") == self._number)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _attach(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for part in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{part}.enable")

    def open(self, path: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Load a file in a window of that size."""
        self._happened.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.look(dark=dark)
        self.call("Page.navigate", url=path.as_uri())
        self._until(lambda found: found.get("method") == "Page.loadEventFired")

    def look(self, *, dark: bool = False, media: str = "screen") -> None:
        """Prefer a scheme of colours; look at the page as on a screen or as it is printed."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def run(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Write the whole page as a picture."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def close(self) -> None:
        """End the browser, in peace where it can."""
        self._session = None
        os.write(self._to, b'{"id": 0, "method": "Browser.close"}\0')
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def _until(self, wanted: Any) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            message, mark, rest = self._rest.partition(b"\0")
            if mark:
                self._rest = rest
                found: dict[str, Any] = json.loads(message)
                if "method" in found:
                    self._happened.append(found)
                if wanted(found):
                    return found
                continue
            left = deadline - time.monotonic()
            if not select.select([self._from], [], [], max(0.0, left))[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self._from, 1 << 20)
            if not data:
                raise RuntimeError(f"the browser has ended: {self._process.wait()}")
            self._rest += data


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        if SURROUNDINGS.get(REQUIRED) == "1":
            raise RuntimeError(f"{REQUIRED}=1, and there is no browser: apt-get install chromium")
        pytest.skip("there is no browser on this machine: apt-get install chromium")
    found = Browser(program, tmp_path_factory.mktemp("browser"))
    yield found
    found.close()
