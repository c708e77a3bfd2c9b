"""A terminal of a given size, a program on it, and a person who reads and types.

Times are those of the program's output as it comes: the longest silence is measured, not guessed.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pyte

HEIGHT = 60

LOOKS = 10
"""How often in a row a program is seen asleep that waits; one that is held up is runnable."""

OWNING = """
import os, signal, sys
os.open(os.ttyname(0), os.O_RDWR)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests in the background would hand on that it is not
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the one whose Ctrl-C this process hears, and becomes the program."""


class Terminal:
    """A program on a pseudo-terminal; make one with :func:`terminal`.

    Attributes:
        columns: its width.
        raw: all that the program wrote.
        longest: the longest time without output, in seconds, while nobody was asked.
        silent_after: the last of what was shown before it.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, env: Mapping[str, str], columns: int
    ) -> None:
        self.columns = columns
        self.raw = ""
        self.longest = 0.0
        self.silent_after = ""
        self._seen = 0
        self._bytes = b""
        self._screen = pyte.HistoryScreen(columns, HEIGHT, history=20_000, ratio=0.5)
        self._stream = pyte.Stream(self._screen)
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, columns, 0, 0))
        hidden = ("NO_COLOR", "COLUMNS", "LINES")
        self._process = subprocess.Popen(
            [sys.executable, "-c", OWNING, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env={
                **{name: value for name, value in env.items() if name not in hidden},
                "TERM": "xterm-256color",
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
            start_new_session=True,
        )
        os.close(theirs)
        self._last = time.monotonic()

    def type(self, keys: str) -> None:
        """Press keys; Enter is ``\\r``."""
        os.write(self._ours, keys.encode())
        self._last = time.monotonic()

    def sees(self, text: str, seconds: float = 120) -> str:
        """Wait for a text; return what was written up to it since the last one that was seen."""
        end = time.monotonic() + seconds
        while text not in self.raw[self._seen :]:
            more = self._read(end)
            assert more, f"{text!r} is not in:\n{self.text()}"
        place = self.raw.index(text, self._seen) + len(text)
        found, self._seen = self.raw[self._seen : place], place
        return found

    def rests(self, seconds: float = 120) -> None:
        """Wait until the program waits, too: it has slept whenever it was looked at for a while."""
        end, asleep = time.monotonic() + seconds, 0
        while asleep < LOOKS:
            assert time.monotonic() < end, f"it does not wait after:\n{self.text()}"
            time.sleep(0.05)
            stat = Path(f"/proc/{self._process.pid}/stat").read_text()
            asleep = asleep + 1 if stat.rpartition(")")[2].split()[0] == "S" else 0

    def ends(self, seconds: float = 120) -> int:
        """Wait for the end; return the exit code."""
        end = time.monotonic() + seconds
        while self._read(end):
            pass
        return self._process.wait(max(1, end - time.monotonic()))

    def text(self) -> str:
        """Return what a person sees who scrolls up: every line as it stands at the end."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """Return the lines of :meth:`text`."""
        rows = [*self._screen.history.top, *(self._screen.buffer[y] for y in range(HEIGHT))]
        shown = ["".join(row[x].data for x in range(self.columns)).rstrip() for row in rows]
        while shown and not shown[-1]:
            shown.pop()
        return shown

    def broken(self) -> list[str]:
        """Return the lines that the terminal broke within a word, with what follows each.

        A word that is as wide as the terminal, as a path may be, is broken anyhow.
        """
        shown = [*self.lines(), ""]
        return [
            f"{line}⏎{after}"
            for line, after in pairwise(shown)
            if len(line) == self.columns and " " in line.strip() and after[:1].strip()
        ]

    def close(self) -> None:
        """End the program, if it has not ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
        os.close(self._ours)

    def _read(self, end: float) -> bool:
        """Read what comes next; False where nothing comes any more."""
        while time.monotonic() < end:
            if not select.select([self._ours], [], [], 0.5)[0]:
                continue
            try:
                data = os.read(self._ours, 65_536)
            except OSError:  # the last program that had it open is gone
                return False
            if not data:
                return False
            self._take(data)
            return True
        raise AssertionError(f"nothing more comes after:\n{self.text()}")

    def _take(self, data: bytes) -> None:
        now = time.monotonic()
        if now - self._last > self.longest:
            self.longest = now - self._last
            self.silent_after = self.raw[-200:]
        self._last = now
        self._bytes += data
        text = self._bytes.decode(errors="ignore")
        self._bytes = self._bytes[len(text.encode()) :]
        self.raw += text
        # pyte leaves out the rest of what it is given after this one, which draws nothing.
        self._stream.feed(text.replace("\ufe0f", ""))


@contextmanager
def terminal(
    command: Sequence[str], folder: Path, env: Mapping[str, str], *, columns: int = 80
) -> Iterator[Terminal]:
    """Run a program on a terminal; it is ended at the end of the block.

    Args:
        command: with its arguments.
        folder: the current one.
        env: variables of the program.
        columns: of the terminal.
    """
    found = Terminal(command, folder, env, columns)
    try:
        yield found
    finally:
        found.close()
