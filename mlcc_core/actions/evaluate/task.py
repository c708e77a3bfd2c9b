"""The work for one target: rows and metrics, what is asked, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from mlcc_core.actions.evaluate.asking.desk import Desk
from mlcc_core.actions.evaluate.measuring.choosing import Chosen
from mlcc_core.actions.evaluate.measuring.compare import SEED, compare
from mlcc_core.actions.evaluate.measuring.judging import judge
from mlcc_core.actions.evaluate.measuring.scoring import Scores, score
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.read import Rows
from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.actions.evaluate.targets import Match
from mlcc_core.actions.session import Session
from mlcc_core.contract.evaluation import MetricResult, RowResult
from mlcc_core.contract.metric import Metric, Sample
from mlcc_core.contract.platform.answering import Passage, Prompt, Subject
from mlcc_core.errors import MlccError

UNCOUNTED = "perhaps some"
"""The number of trained rows where those are allowed."""


@dataclass(frozen=True)
class Measured:
    """The numbers of one target.

    Attributes:
        results: of each metric that gave one, the deciding one first.
        rows: every row.
        errors: of metrics that gave none, and were asked for or were to decide.
        unmeasured: of the others that gave none: they fail no evaluation that the rest decides.
    """

    results: tuple[MetricResult, ...]
    rows: tuple[RowResult, ...]
    errors: tuple[MlccError, ...]
    unmeasured: tuple[MlccError, ...] = ()


@dataclass(frozen=True)
class Task:
    """The work for one target.

    Attributes:
        session: the project and its plugins.
        match: the two models.
        request: as it was asked.
        rows: that both are asked.
        chosen: the metrics.
        warnings: lines about trained rows.
    """

    session: Session
    match: Match
    request: EvaluateRequest
    rows: Rows
    chosen: Chosen
    warnings: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return the dataset of the rows, as it is shown."""
        return self.rows.label

    @property
    def settings(self) -> Mapping[str, object]:
        """Return what else decides the numbers."""
        settings = {
            "max_new_tokens": self.request.max_new_tokens,
            "system": self.request.system,
            "samples": self.request.samples,
            "seed": SEED,
            "judge": self.request.shown_judge,
        }
        # They were not looked for: the numbers are told apart from those of rows that were.
        return settings | ({"trained_rows": UNCOUNTED} if self.request.allow_trained_rows else {})

    @cached_property
    def prompts(self) -> list[Prompt]:
        """The prompts that both models answer; none where no metric needs replies."""
        if not any(self.chosen.need(need) for need in ("reply", "reward", "judge")):
            return []
        return [row.prompt_with(self.request.system) for row in self.rows.rows]

    @property
    def scoring(self) -> Mapping[str, object] | None:
        """The request of the run whose evaluator scores; ``None`` where no metric needs rewards."""
        if not self.chosen.need("reward"):
            return None
        return self.match.run.request if self.match.run else {}

    @property
    def judged(self) -> int:
        """The rows that a judge compares, once for each metric that asks one."""
        return len(self.rows.rows) * sum("judge" in m.needs for m in self.chosen.metrics)

    @cached_property
    def expected(self) -> dict[int, Passage]:
        """The expected replies whose log-probabilities are needed, by row."""
        return self._passages(lambda row: row.expected) if self.chosen.reads("expected") else {}

    @cached_property
    def rejected(self) -> dict[int, Passage]:
        """The rejected replies whose log-probabilities are needed, by row."""
        return self._passages(lambda row: row.rejected) if self.chosen.reads("rejected") else {}

    def measure(self, desk: Desk) -> Measured:
        """Ask both models, and measure their answers.

        Raises:
            MlccError: a model cannot answer a prompt.
            PlatformError: a model cannot be asked any more.
        """
        desk.ask_at_once(self.match.subjects, self.prompts, self.request.max_new_tokens)
        ours, theirs = (self._samples(desk, subject) for subject in self.match.subjects)
        failed: dict[str, MlccError] = {}
        scoring = self.scoring
        if scoring is not None:
            try:
                ours, theirs = (self._rewarded(desk, scoring, each) for each in (ours, theirs))
            except MlccError as error:
                failed = {m.name: error for m in self.chosen.metrics if "reward" in m.needs}
        found: dict[str, Scores] = {}
        results = []
        for metric in self.chosen.metrics:
            if metric.name in failed:
                continue
            try:
                found[metric.name] = self._scores(desk, metric, ours, theirs)
                decides = metric.name == self.chosen.decides
                results.append(compare(found[metric.name], decides=decides))
            except MlccError as error:
                failed[metric.name] = error
        errors, unmeasured = self._weighed(failed, results)
        rows = tuple(self._rows(found, ours, theirs))
        return Measured(tuple(results), rows, errors, unmeasured)

    def _weighed(
        self, failed: Mapping[str, MlccError], results: Sequence[MetricResult]
    ) -> tuple[tuple[MlccError, ...], tuple[MlccError, ...]]:
        """Return the errors that fail the evaluation, and the others; each once.

        A metric that was not named fails it only where it was to decide, or where none has a value.
        """
        decider = self.chosen.decides
        due = failed if self.request.metrics or not results else (decider,)
        errors = {id(error): error for name, error in failed.items() if name in due}
        others = {id(e): e for e in failed.values() if id(e) not in errors}
        if not self.request.metrics and decider is not None and decider in failed:
            self._name_another(failed[decider], results)
        return tuple(errors.values()), tuple(others.values())

    def _name_another(self, error: MlccError, results: Sequence[MetricResult]) -> None:
        """Have the error of the metric that was to decide name one that can."""
        other = next((r for r in results if r.higher_is_better is not None), None)
        error.detail = (*error.detail, "It was to decide; another metric can, named by --metric.")
        if other is not None and error.hint is None:
            error.hint = self.request.command_line(metrics=(other.metric,))

    def _passages(self, part: Callable[[Row], str | None]) -> dict[int, Passage]:
        return {
            place: row.passage(reply, self.request.system)
            for place, row in enumerate(self.rows.rows)
            if (reply := part(row)) is not None
        }

    def _samples(self, desk: Desk, subject: Subject) -> list[Sample]:
        """Return the rows with what a model makes of them."""
        length = self.request.max_new_tokens
        samples = [
            Sample(prompt.messages, row.expected, row.rejected, row=row.columns)
            for row in self.rows.rows
            for prompt in [row.prompt_with(self.request.system)]
        ]
        if self.prompts:
            answers = desk.replies(subject, self.prompts, length)
            samples = [
                replace(sample, reply=each.text, reply_tokens=each.tokens, ended=each.ended)
                for sample, each in zip(samples, answers, strict=True)
            ]
        passages = [*self.expected.values(), *self.rejected.values()]
        found = iter(desk.log_probabilities(subject, passages) if passages else ())
        for place, logs in zip(self.expected, found, strict=False):
            samples[place] = replace(samples[place], log_probabilities=logs)
        for place, logs in zip(self.rejected, found, strict=False):
            samples[place] = replace(samples[place], rejected_log_probabilities=logs)
        return samples

    def _rewarded(
        self, desk: Desk, request: Mapping[str, object], samples: Sequence[Sample]
    ) -> list[Sample]:
        rows, replies = [s.row for s in samples], [s.reply or "" for s in samples]
        rewards = desk.rewards(request, rows, replies)
        return [replace(s, reward=reward) for s, reward in zip(samples, rewards, strict=True)]

    def _scores(
        self, desk: Desk, metric: Metric, ours: Sequence[Sample], theirs: Sequence[Sample]
    ) -> Scores:
        ours, theirs = (self._with_columns(metric, each) for each in (ours, theirs))
        if "judge" not in metric.needs:
            return score(self.session, metric, ours, theirs)
        named = str(self.request.judge)
        return judge(
            self.session, metric, ours, theirs, lambda questions: desk.judgements(named, questions)
        )

    def _with_columns(self, metric: Metric, samples: Sequence[Sample]) -> Sequence[Sample]:
        """Return samples with the columns that a metric declares, and none that others do."""
        names = {column.name for column in metric.columns}
        if not names:
            return samples
        rows = (row.seen(names) for row in self.rows.rows)
        return [replace(sample, row=row) for sample, row in zip(samples, rows, strict=True)]

    def _rows(
        self, scores: dict[str, Scores], ours: Sequence[Sample], theirs: Sequence[Sample]
    ) -> Iterator[RowResult]:
        for place, (row, one, other) in enumerate(zip(self.rows.rows, ours, theirs, strict=True)):
            yield RowResult(
                row=row.key,
                prompt=tuple(one.prompt),
                expected=row.expected,
                rejected=row.rejected,
                reply=one.reply,
                against_reply=other.reply,
                values={name: each.values[place] for name, each in scores.items()},
                against_values={name: each.against[place] for name, each in scores.items()},
            )
