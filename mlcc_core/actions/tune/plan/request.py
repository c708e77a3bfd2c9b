"""The request of ``tune``, as typed: the same words on the command line and in Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlcc_core.contract.options import Option
from mlcc_core.staging.model.request import quote

HYPERPARAMETERS = (
    Option("--epochs", int, "Number of training epochs (typically 1-5)", minimum=1, maximum=10_000),
    Option("--learning-rate", float, "Learning rate (e.g. 2e-4)", minimum=1e-12, maximum=1.0),
    Option(
        "--max-seq-length",
        int,
        "Maximum sequence length in tokens",
        metavar="TOKENS",
        minimum=1,
        maximum=10_000_000,
        limits="row",
    ),
    Option("--lora-rank", int, "LoRA rank (e.g. 16, 32, 64); lora only", minimum=1, maximum=4096),
    Option("--lora-alpha", int, "LoRA alpha scaling factor; lora only", minimum=1, maximum=65_536),
    Option("--batch-size", int, "Global batch size", minimum=1, maximum=1_000_000),
)
"""The hyperparameters every technique knows unless it refuses them.

The bounds only keep nonsense out; a platform holds its own, narrower ones.
"""

LORA_ONLY = ("lora_rank", "lora_alpha")

Validate = Literal["quick", "full"]


@dataclass(frozen=True)
class TuneRequest:
    """One call of ``tune``.

    Attributes:
        technique, dataset: as typed.
        platform, model, training_type: ``None`` where the project or a default decides.
        values: everything else that was given, by option key: hyperparameters, a technique's
            own options, evaluator flags, a platform's options.
        column_map: ``"source:target,…"``.
        transform: ``False`` is ``--no-transform``.
        on_misfit: what to do with rows that the flatten strategy does not fit.
        extract_prompt, from_messages: the repairs that are asked for.
        validate: ``full`` reads all of a dataset that is used in place.
        force: a new job even if one exists.
        dry_run: only the plan is wanted: whoever pastes a hint does not start a job with it.
        wait: follow the job to its end.
        skip_reward_check: do not try the evaluator before the job.
        poll_interval: seconds between two looks at the job.
    """

    technique: str
    dataset: str
    platform: str | None = None
    model: str | None = None
    training_type: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    column_map: str | None = None
    transform: bool = True
    on_misfit: Literal["fail", "skip"] = "fail"
    extract_prompt: bool = False
    from_messages: bool = False
    validate: Validate = "quick"
    force: bool = False
    dry_run: bool = False
    wait: bool = True
    skip_reward_check: bool = False
    poll_interval: float | None = None

    @property
    def command(self) -> str:
        """The command line but for the dataset and its conversion, which hints put behind it.

        ``./do/tune --technique NAME --epochs 3``; a user in a hurry pastes it into a shell.
        """
        return " ".join(("./do/tune", *_words(self._flags())))

    @property
    def check_command(self) -> str:
        """The command line that checks a dataset for this technique, but for the dataset."""
        given = (("--technique", self.technique), ("--model", self.model))
        return " ".join(("mlcc check", *_words(given)))

    @property
    def own_check_command(self) -> str:
        """The same with the options that were given, for hints of the check itself."""
        given = ((flag_of(key), value) for key, value in self.values.items())
        return " ".join((self.check_command, *_words(given)))

    def command_line(self, **changes: Any) -> str:
        """All of it, to be pasted into a shell: what would ask for the same job again.

        Args:
            changes: fields of this class to be different, ``force=True``.
        """
        changed = dataclasses.replace(self, **changes)
        force = ("--force", "force" in changes and changed.force)
        return " ".join((changed.command, *_words((*_dataset_flags(changed), force))))

    def check_command_line(self, **changes: Any) -> str:
        """The command line that checks this dataset with the same words.

        Args:
            changes: fields of this class to be different.
        """
        changed = dataclasses.replace(self, **changes)
        return " ".join((changed.own_check_command, *_words(_dataset_flags(changed))))

    def without(self, key: str) -> TuneRequest:
        """The same without the option of that key."""
        values = {name: value for name, value in self.values.items() if name != key}
        return dataclasses.replace(self, values=values)

    def _flags(self) -> Iterator[tuple[str, object]]:
        yield "--technique", self.technique
        yield "--platform", self.platform
        yield "--model", self.model
        yield "--training-type", self.training_type
        for key, value in self.values.items():
            yield flag_of(key), value
        yield "--validate", None if self.validate == "quick" else self.validate
        yield "--skip-reward-check", self.skip_reward_check
        yield "--dry-run", self.dry_run


def flag_of(key: str) -> str:
    """The flag of an option's key: ``lora_rank`` is ``--lora-rank``."""
    return "--" + key.replace("_", "-")


def _dataset_flags(request: TuneRequest) -> Iterator[tuple[str, object]]:
    yield "--dataset", request.dataset
    yield "--column-map", request.column_map
    yield "--no-transform", not request.transform
    yield "--on-misfit", None if request.on_misfit == "fail" else request.on_misfit
    yield "--extract-prompt", request.extract_prompt
    yield "--from-messages", request.from_messages


def _words(flags: Iterable[tuple[str, object]]) -> Iterator[str]:
    for flag, value in flags:
        if value is True:
            yield flag
        elif value is not None and value is not False:
            yield f"{flag} {quote(str(value))}"
