"""Progress of ``tune`` and ``evaluate``: bars on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.cli.console import Console, fitting
from mlcc_core.cli.waiting.spinner import hushed, spinning
from mlcc_core.helpers.text import duration_text, plural

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from mlcc_core.contract.job import JobState, Progress
    from mlcc_core.staging import StagingProgress

LINE_EVERY = 5.0
"""Seconds between two plain lines while nothing but numbers changes."""


class TuneProgress(Reporter):
    """Shows staging, the job and answers; a context manager that leaves the terminal as it was."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Bar | None = None
        self._shown = (0.0, "")
        self._evaluated: dict[str, str] = {}
        self._hush = ExitStack()
        # Asked once: while a bar is drawn, rich stands in for the stream.
        self._on_terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def say(self, line: str) -> None:
        if self._bar is not None:
            from rich.text import Text

            shown = Text.from_ansi(fitting(line, sys.stderr))
            self._bar.console.print(shown, soft_wrap=True)
        else:
            self._console.note(line)

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Draw a spinner at once, on a terminal; say so once in a log."""
        self._close()
        if not self._on_terminal:
            self.say(f"{title} …")
        with spinning(title) if self._on_terminal else nullcontext():
            yield

    def staging(self, progress: StagingProgress) -> None:
        total = progress.bytes_total
        if self._on_terminal:
            self._draw("Reading", progress.bytes_read, total, plural(progress.rows, "row"))
        elif progress.rows:
            # A footer and what was read ahead of it count again.
            share = f", {min(100, 100 * progress.bytes_read / total):.0f} %" if total else ""
            self._plain(
                "staging", f"Reading {progress.file}: {plural(progress.rows, 'row')}{share}"
            )

    def staged(self) -> None:
        self._close()

    def asking(self, what: str, done: int, total: int) -> None:
        if self._on_terminal:
            self._draw(what, done, total, f"{done:,}/{total:,}")
        else:
            self._plain(what, f"{what}: {done:,} of {total:,}")
        if done == total:
            self._close()

    def evaluating(self, states: Sequence[tuple[str, JobState]]) -> None:
        seen = [
            (title, f"{state.name} {status_text(state.status, state.phase)}")
            for title, state in states
        ]
        done = [state.progress for _, state in states if state.progress and state.progress.steps]
        if all(state.final for _, state in states):
            self._close()
        elif self._on_terminal:
            steps = sum(progress.step or 0 for progress in done)
            total = sum(progress.steps or 0 for progress in done)
            short = ", ".join(f"{title}: {state.phase or state.status}" for title, state in states)
            whole = total if len(done) == len(states) else None
            self._draw("Evaluating", steps, whole, short)
        if not self._on_terminal:
            for title, line in seen:
                if self._evaluated.get(title) != line:
                    self._evaluated[title] = line
                    self._console.note(f"{title}: {line}")

    def job(self, state: JobState) -> None:
        progress = state.progress
        if self._on_terminal:
            if progress is not None and progress.steps:
                self._draw(
                    state.phase or "Training",
                    progress.step or 0,
                    progress.steps,
                    _numbers(progress, narrow=True) + _elapsed(state),
                )
            elif not state.final:
                self._draw(state.phase or state.status, 0, None, _elapsed(state).lstrip(", "))
        else:
            text = f" {_numbers(progress)}" if progress is not None else ""
            status = "interrupted" if state.interrupted else status_text(state.status, state.phase)
            line = f"{state.name} {status}{text}{_elapsed(state)}"
            self._plain(state.phase or state.status, line)
        if state.final:
            self._close()

    def _draw(self, title: str, done: float, total: float | None, text: str) -> None:
        if self._bar is None:
            from mlcc_core.cli.waiting.bar import new_bar

            self._hush.enter_context(hushed())
            self._bar = new_bar()
            self._bar.start()
            self._bar.add_task(title, total=total, text=text)
        task = self._bar.tasks[0].id
        self._bar.update(task, description=title, completed=done, total=total, text=text)

    def _plain(self, phase: str, line: str) -> None:
        at, shown = self._shown
        now = time.monotonic()
        if phase != shown or now - at >= LINE_EVERY:
            self._shown = (now, phase)
            self._console.note(line)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._hush.close()


def _numbers(progress: Progress, *, narrow: bool = False) -> str:
    """Return ``step 20/60, epoch 1.33/4, loss 0.81, 5.1 steps/s, 12 s left``.

    Args:
        progress: of the job.
        narrow: the end may be cut off: the time left comes second.
    """
    parts = []
    if progress.step is not None:
        parts.append(f"step {progress.step}" + (f"/{progress.steps}" if progress.steps else ""))
    if progress.epoch is not None:
        of = f"/{progress.epochs:g}" if progress.epochs else ""
        parts.append(f"epoch {progress.epoch:.3g}{of}")
    parts += metrics_text(progress)
    if progress.rate is not None:
        rate = f"{progress.rate:.2g}" if progress.rate < 99.5 else f"{progress.rate:,.0f}"
        parts.append(f"{rate} steps/s")
    if progress.seconds_left is not None and progress.step != progress.steps:
        parts.insert(1 if narrow else len(parts), f"{duration_text(progress.seconds_left)} left")
    return ", ".join(parts)


def metrics_text(progress: Progress) -> list[str]:
    """Return ``loss 0.81`` and the other numbers that people are shown."""
    return [
        f"{title} {value:.4g}" if title.endswith("loss") else f"{title} {value:.3g}"
        for title, value in progress.shown()
    ]


def status_text(status: str, phase: str) -> str:
    """Return ``running (Training)``: the platform's own word too, where it says more."""
    return f"{status} ({phase})" if phase and phase.lower() != status else status


def _elapsed(state: JobState) -> str:
    if not state.started:
        return ""
    until = state.ended or time.time()
    return f", {duration_text(max(until - state.started, 0))} elapsed"
