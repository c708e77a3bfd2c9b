"""Somebody who follows a page to the letter, in one terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.docs.blocks import Block, Step, steps
from tests.docs.pages.entry_points import declare_new
from tests.docs.pages.page import ROOT, Setup, parts

SHIM = Path(__file__).with_name("pip_shim.py")
STEP_SECONDS = 600
"""A training beside many other programs takes ten times as long as alone."""

PROGRESS = re.compile(r"^[A-Z][a-z]+ing\b.*(?:…|%|rows|tokens).*\n", re.MULTILINE)
"""Lines that say how far something is; a quick machine prints fewer of them."""

ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|localhost):(?P<port>\d+)")

TERMINAL = """\
if [ -e "$PAGE_STATE/exports" ]; then . "$PAGE_STATE/exports"; fi
if [ -e "$PAGE_STATE/here" ]; then cd "$(cat "$PAGE_STATE/here")"; fi
trap 'code=$?; export -p > "$PAGE_STATE/exports"; pwd > "$PAGE_STATE/here"; exit $code' EXIT
"""
"""Blocks follow each other in one terminal: its folder and its exported variables stay."""


class Reader:
    """Follows the parts of a page, and fails at the first that does not do what the page says.

    Args:
        folder: for everything of the reader; its child ``work`` is the page's folder.
        here: the page's folder, in place of ``work``.
        environment: variables beside those of this process.
        answers: whether a person is at the terminal, who answers every question with yes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        here: Path | None = None,
        environment: dict[str, str] | None = None,
        answers: bool = False,
    ) -> None:
        self.here = here or folder / "work"
        self.here.mkdir(exist_ok=True)
        self.answers = answers
        self.site = folder / "site"
        self.state = folder / "state"
        self.tools = folder / "tools"
        for made in (self.site, self.state, self.tools):
            made.mkdir()
        declare_new(self.site)
        self.running: list[tuple[Block, subprocess.Popen[bytes], Path]] = []
        self.env = {**os.environ, **(environment or {})}
        self.env |= {
            "PATH": os.pathsep.join(
                [
                    *(str(self.tools), str(self.site / "bin"), str(Path(sys.executable).parent)),
                    self.env["PATH"],
                ]
            ),
            "PYTHONPATH": os.pathsep.join(
                [str(self.site), *self.env.get("PYTHONPATH", "").split(os.pathsep), *SOURCES]
            ).replace(os.pathsep * 2, os.pathsep),
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
            "PYTHONUNBUFFERED": "1",
            "PAGE_STATE": str(self.state),
            "EXAMPLES": str(ROOT / "examples"),
        }
        for name in ("pip", "pip3", "python", "python3"):
            tool = self.tools / name
            called = f'exec "{sys.executable}" "{SHIM}" "{self.site}" "{self.tools}" {name} "$@"'
            tool.write_text(f"#!/bin/sh\n{called}\n")
            tool.chmod(0o755)

    def follow(self, page: Path) -> None:
        """Do everything that a page says, from its top to its end."""
        for part in parts(page):
            try:
                self.do(part)
            except AssertionError as error:
                raise AssertionError(f"{page.name}, {error}") from None
        for block, process, log in self.running:
            shown = f"line {block.line}: {block.text}{log.read_text(errors='replace')}"
            assert process.poll() is None, f"ended before the page does: {shown}"

    def do(self, part: Block | Setup) -> None:
        """Do one part of a page."""
        if isinstance(part, Setup):
            self.script(part.line, part.text)
        elif part.file:
            self.write(part)
        elif part.background:
            self.start(part)
        elif part.language == "sh":
            self.script(part.line, part.text)
        elif part.language == "python":
            self.python(part)
        elif part.language == "console":
            for step in steps(part):
                self.step(step)

    def write(self, block: Block) -> None:
        """Write a file, or its next part."""
        assert block.file
        path = self.here / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        gap = "\n" if block.text.startswith(" ") else "\n\n"
        before = path.read_text() + gap if block.continued else ""
        path.write_text(before + block.text)

    def script(self, line: int, text: str) -> None:
        """Run a whole block of commands, each of which must succeed."""
        code, said = self.bash(text, "-euo", "pipefail")
        shown = f"line {line}:\n{text}\n{said}"
        assert code == 0, f"exit code {code}, {shown}"
        assert "Traceback (most recent" not in said, shown

    def step(self, step: Step) -> None:
        """Run one command, and compare what it prints."""
        code, said = self.bash(step.command)
        fails = any(line.startswith("❌") for line in step.output)
        shown = f"line {step.line}: $ {step.command}\n{said}"
        assert (code != 0) == fails, f"exit code {code}, {shown}"
        assert "Traceback (most recent" not in said, shown
        if step.output:
            expected = step.expected()
            assert expected.match(said) or expected.match(PROGRESS.sub("", said)), shown

    def python(self, block: Block) -> None:
        """Run a block as a program; lines in its traceback are those of the page."""
        program = self.state / f"block-{block.line}.py"
        program.write_text("\n" * (block.line - 1) + block.text)
        code, said = self.bash(f'PYTHONPATH="$PWD:$PYTHONPATH" python "{program}"')
        assert code == 0, f"exit code {code}, line {block.line}:\n{block.text}\n{said}"

    def bash(self, text: str, *flags: str) -> tuple[int, str]:
        """Run commands in the page's terminal; return the exit code and all that they print."""
        mine, theirs = pty.openpty() if self.answers else (None, subprocess.DEVNULL)
        try:
            if mine is not None:
                os.write(mine, b"y\n" * 20)
            done = subprocess.run(
                ["bash", *flags, "-c", f"{TERMINAL}\n{text}"],
                cwd=self.here,
                env=self.env,
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=STEP_SECONDS,
                check=False,
            )
        finally:
            if mine is not None:
                os.close(mine)
                os.close(theirs)
        return done.returncode, done.stdout

    def start(self, block: Block) -> None:
        """Start what runs until Ctrl-C, and wait until it prints its address and answers there."""
        log = self.state / f"background-{block.line}.log"
        script = f"{TERMINAL}\ntrap - EXIT\n{block.text}"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=self.here,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append((block, process, log))
        deadline = time.monotonic() + STEP_SECONDS
        while time.monotonic() < deadline:
            said = log.read_text(errors="replace")
            shown = f"line {block.line}:\n{block.text}\n{said}"
            assert process.poll() is None, f"exit code {process.poll()}, {shown}"
            found = ADDRESS.search(said)
            if found and listens(int(found["port"])):
                return
            time.sleep(0.1)
        raise AssertionError(f"no address after {STEP_SECONDS} s, {shown}")

    def close(self) -> None:
        """End what runs in the background as Ctrl-C does."""
        for _, process, _ in reversed(self.running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
        for _, process, _ in self.running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.running.clear()


SOURCES = [str(ROOT), str(ROOT / "libs"), str(ROOT / "plugins")]
"""Where mlcc is imported from, whatever is installed: the pages are those of this checkout."""


def listens(port: int) -> bool:
    """Return whether something on this machine answers at a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
