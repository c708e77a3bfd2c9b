"""The managed evaluating of a platform in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import fmean, stdev
from typing import Literal, Protocol, cast

from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.managed.spec import (
    ManagedKind,
    ManagedRow,
    ManagedScore,
    ManagedScores,
    ManagedSpec,
    ReportedEvaluation,
)
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name
from mlcc_core.testing.faults import Faults

WAITS = "(waits)"


class Sent(Protocol):
    """A job as it was submitted."""

    @property
    def body(self) -> Mapping[str, object]:
        """Return its request."""


class FakeManaged(Faults, ManagedEvaluating):
    """Scores by a rule of a test; ``fail`` and ``calls`` come from ``Faults``.

    Attributes:
        benchmarks: that there are, by name, with the number of their rows.
        judges, scorers: that there are, by name; a run's own evaluator scores, too.
        metrics: of a judge, where the user names none.
        asks_first: a judge reads replies that a job before it made.
        keeps: what a result has beside means: every row, standard errors, or nothing.
        value: the rule of values: the run or ``base``, the metric and the place of the row.
        misread: applied to what a job says about itself, to test that it is noticed.
        read: returns the bytes of a staged dataset; the platform's own.
    """

    def __init__(self, read: Callable[[str], bytes] = lambda uri: b"") -> None:
        super().__init__()
        self.benchmarks: dict[str, int] = {"quiz": 30}
        self.judges: set[str] = {"fake-judge"}
        self.scorers: set[str] = {"fake_scorer"}
        self.metrics: tuple[str, ...] = ("helpful",)
        self.asks_first = False
        self.keeps: Literal["rows", "errors", "means"] = "rows"
        self.value: Callable[[str, str, int], float] = lambda run, metric, place: float(
            run != "base" or place % 3 == 0
        )
        self.misread: Callable[[ReportedEvaluation], ReportedEvaluation] = lambda found: found
        self.read = read

    def check(self, context: Context, spec: ManagedSpec) -> ManagedSpec:
        with self.call("check"):
            if spec.kind == "benchmark" and spec.benchmark not in self.benchmarks:
                raise unknown_name("benchmark", str(spec.benchmark), self.benchmarks)
            if spec.kind == "judge" and spec.judge not in self.judges:
                raise unknown_name("judge", str(spec.judge), self.judges)
            found = spec.evaluator
            if found is not None and found.origin == "--metric" and found.value not in self.scorers:
                raise unknown_name("scorer", found.value, self.scorers)
            if spec.kind == "judge" and not spec.metrics:
                return replace(spec, metrics=self.metrics)
            return spec

    def convert_row(self, spec: ManagedSpec, row: Mapping[str, object]) -> Mapping[str, object]:
        if "prompt" not in row:
            raise MlccError("The row has no prompt, which the evaluation asks.")
        return {"query": row["prompt"], "response": row.get("completion")}

    def before(self, spec: ManagedSpec) -> ManagedSpec | None:
        if spec.kind != "judge" or not self.asks_first:
            return None
        return replace(spec, kind="replies", judge=None, metrics=())

    def build_request(self, context: Context, spec: ManagedSpec) -> Request:
        with self.call("build_request"):
            waits = spec.kind == "judge" and self.asks_first
            body = {
                "evaluation": spec.kind,
                "model": spec.model,
                "run": spec.job,
                "benchmark": spec.benchmark,
                "evaluator": spec.evaluator.value if spec.evaluator else None,
                "judge": spec.judge,
                "metrics": list(spec.metrics),
                "replies": (spec.replies or WAITS) if waits else None,
                "dataset": None if spec.kind == "benchmark" else WAITS,
            }
            if spec.dataset is not None:
                body["dataset"] = spec.dataset.uri
            return Request(body)

    def read_spec(self, body: Mapping[str, object]) -> ReportedEvaluation:
        found = {name: None if value == WAITS else value for name, value in body.items()}
        return ReportedEvaluation(
            kind=cast("ManagedKind", found["evaluation"]),
            model=str(found["model"]),
            job=cast("str | None", found["run"]),
            benchmark=cast("str | None", found["benchmark"]),
            evaluator=cast("str | None", found["evaluator"]),
            judge=cast("str | None", found["judge"]),
            metrics=tuple(cast("list[str]", found["metrics"])),
            dataset=cast("str | None", found["dataset"]),
            replies=cast("str | None", found["replies"]),
        )

    def scores(self, context: Context, name: str, spec: ManagedSpec) -> ManagedScores:
        with self.call("scores"):
            names = spec.metrics or ("accuracy",)
            rows = [self._row(spec, names, *each) for each in enumerate(self._asked(spec))]
            scores = tuple(self._score(metric, rows) for metric in names)
            return ManagedScores(scores, tuple(rows) if self.keeps == "rows" else ())

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedEvaluation | None:
        with self.call("reported"):
            jobs: Mapping[str, Sent] = runner.jobs  # type: ignore[attr-defined]  # the fake's own
            return self.misread(self.read_spec(jobs[name].body))

    def _asked(self, spec: ManagedSpec) -> list[str]:
        """Return the prompts of all rows."""
        if spec.benchmark is not None:
            return [f"{spec.benchmark} {n}" for n in range(self.benchmarks[spec.benchmark])]
        data = self.read(spec.dataset.uri) if spec.dataset else b""
        return [str(json.loads(line)["query"]) for line in data.splitlines()]

    def _row(
        self, spec: ManagedSpec, names: tuple[str, ...], place: int, prompt: str
    ) -> ManagedRow:
        run = spec.job or "base"
        return ManagedRow(
            row=hashlib.sha256(prompt.encode()).hexdigest()[:16],
            prompt=({"role": "user", "content": prompt},),
            reply=f"{run}: {prompt}",
            values={name: self.value(run, name, place) for name in names},
        )

    def _score(self, metric: str, rows: list[ManagedRow]) -> ManagedScore:
        values = [row.values[metric] or 0.0 for row in rows]
        error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
        return ManagedScore(
            metric,
            metric.capitalize(),
            fmean(values) if values else 0.0,
            rows=len(values) if self.keeps != "means" else None,
            error=error if self.keeps == "errors" else None,
        )
