"""The request of ``evaluate``, and the command line that asks for it again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlcc_core.actions.requests import BASE, DatasetRequest, dataset_flags, flag_of, flag_words
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.text import shown_address
from mlcc_core.staging.model.request import quote

Requirement = Literal["better", "not-worse"]

FLAGS = {"metrics": "--metric", "benchmarks": "--benchmark", "wait": "--no-wait"}
"""Flags of keys that are named otherwise."""


@dataclass(frozen=True)
class EvaluateRequest:
    """One call of ``evaluate``.

    Attributes:
        targets: the models that are measured: runs, ``base``, adapters or models; none for the
            latest run that completed.
        against: the model that each is compared with.
        dataset: the URI of the rows; ``None`` for those that were held out of the run's training.
        technique: the form of the dataset's rows, where no run tells it.
        metrics: names; none for those that suit the rows.
        benchmarks: names or files of benchmarks, which bring rows, prompts and a metric; each
            makes an evaluation of its own.
        samples: so many rows or documents, chosen by their content; ``None`` for all.
        max_new_tokens: of an answer, at most.
        system: begins every prompt, in place of a system message that it has.
        require: the verdict that the deciding metric must come to.
        allow_trained_rows: rows that the run was trained on are not refused.
        judge: a model or an address, for metrics that ask one.
        platform: the value of ``--platform``, as it was given.
        managed: the platform runs the evaluation as jobs of its own; what follows needs that.
        force: jobs that failed or were stopped are begun anew.
        wait: watch the jobs to their end.
        dry_run: show the plan; nothing is staged or created.
        poll_interval: seconds between two looks at the jobs; ``None`` for the platform's own.
        max_cost: US dollars that it may cost at most; ``None`` for no limit.
        column_map, transform, on_misfit, extract_prompt, from_messages: how the dataset is
            converted, as :class:`~mlcc_core.CheckRequest` has it.
        values: flags of plugins that listen to events, by option key.
    """

    targets: tuple[str, ...] = ()
    against: str = BASE
    dataset: str | None = None
    technique: str | None = None
    metrics: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    samples: int | None = None
    max_new_tokens: int = 256
    system: str | None = None
    require: Requirement | None = None
    allow_trained_rows: bool = False
    judge: str | None = None
    platform: str | None = None
    managed: bool = False
    force: bool = False
    wait: bool = True
    dry_run: bool = False
    poll_interval: float | None = None
    max_cost: float | None = None
    column_map: str | None = None
    transform: bool = True
    on_misfit: Literal["fail", "skip"] = "fail"
    extract_prompt: bool = False
    from_messages: bool = False
    values: Mapping[str, object] = field(default_factory=dict)

    @hint_kind("the same evaluation with other options")
    def command_line(self, **changes: Any) -> str:
        """Return the whole command line, to be pasted into a shell; addresses without secrets.

        Args:
            changes: fields of this class to be different, ``dataset="more.jsonl"``.

        Example:
            ``mlcc evaluate sft --metric loss --dataset more.jsonl``
        """
        changed = dataclasses.replace(self, **changes)
        words = list(flag_words(changed.flags()))
        if changed.dataset is not None:
            words += flag_words(dataset_flags(changed.rows_request("", changed.dataset)))
        return " ".join(words)

    def refuse_given(self, why: Mapping[str, str]) -> None:
        """Refuse flags that mean nothing beside the others.

        Args:
            why: words that go on after ``--flag is given``, by the key of the flag.

        Raises:
            MlccError: the first of them that is not as it is without the flag.
        """
        for key, words in why.items():
            default = getattr(EvaluateRequest, key)
            if getattr(self, key) != default:
                flag = FLAGS.get(key) or flag_of(key)
                hint = self.command_line(**{key: default})
                raise MlccError(f"{flag} is given{words}.", where=flag, hint=hint)

    @property
    def shown_judge(self) -> str | None:
        """Return the judge as it is displayed and stored: without a secret of its address."""
        return None if self.judge is None else shown_address(self.judge)

    def rows_request(self, technique: str, dataset: str) -> RowsRequest:
        """Return the request for the rows of a dataset."""
        return RowsRequest(
            technique=technique,
            dataset=dataset,
            column_map=self.column_map,
            transform=self.transform,
            on_misfit=self.on_misfit,
            extract_prompt=self.extract_prompt,
            from_messages=self.from_messages,
            evaluation=self,
        )

    def flags(self) -> Iterator[tuple[str, object]]:
        """Yield the command's name, ``True`` beside it, and its flags but those of the dataset."""
        yield " ".join(("mlcc evaluate", *(quote(target) for target in self.targets))), True
        yield "--against", None if self.against == BASE else self.against
        yield "--technique", self.technique
        for metric in self.metrics:
            yield "--metric", metric
        for benchmark in self.benchmarks:
            yield "--benchmark", benchmark
        yield "--samples", self.samples
        default = EvaluateRequest.max_new_tokens
        yield "--max-new-tokens", None if self.max_new_tokens == default else self.max_new_tokens
        yield "--system", self.system
        yield "--require", self.require
        yield "--allow-trained-rows", self.allow_trained_rows
        yield "--judge", self.shown_judge
        yield "--platform", self.platform
        yield "--managed", self.managed
        yield "--force", self.force
        yield "--no-wait", not self.wait
        yield "--dry-run", self.dry_run
        yield "--poll-interval", self.poll_interval
        yield "--max-cost", None if self.max_cost is None else f"{self.max_cost:g}"
        for key, value in self.values.items():
            yield flag_of(key), value


@dataclass(frozen=True)
class RowsRequest(DatasetRequest):
    """The dataset of an evaluation.

    Attributes:
        evaluation: that the rows are for.
    """

    evaluation: EvaluateRequest = field(default_factory=EvaluateRequest)

    def _command(self) -> Iterator[tuple[str, object]]:
        yield from self.evaluation.flags()
