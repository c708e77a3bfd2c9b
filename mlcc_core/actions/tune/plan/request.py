"""The request of ``tune``, as typed: the same words on the command line and in Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlcc_core.actions.requests import DatasetRequest
from mlcc_core.actions.tune.settings import written
from mlcc_core.contract.options import Option

HYPERPARAMETERS = (
    Option(
        "--epochs",
        int,
        "Number of training epochs (typically 1-5)",
        minimum=1,
        maximum=10_000,
        also=("--epoch", "--num-epochs", "--n-epochs", "--num-train-epochs", "--max-epochs"),
    ),
    Option(
        "--learning-rate",
        float,
        "Learning rate (e.g. 2e-4)",
        minimum=1e-12,
        maximum=1.0,
        also=("--lr", "--rate", "--lrate", "--initial-lr"),
    ),
    Option(
        "--max-seq-length",
        int,
        "Maximum sequence length in tokens",
        metavar="TOKENS",
        minimum=1,
        maximum=10_000_000,
        limits="row",
        also=(
            *("--max-length", "--max-len", "--max-seq-len", "--seq-length", "--seq-len"),
            *("--sequence-len", "--sequence-length", "--cutoff-len", "--model-max-length"),
            *("--context-length", "--max-tokens", "--block-size"),
        ),
    ),
    Option(
        "--lora-rank",
        int,
        "LoRA rank (e.g. 16, 32, 64); lora only",
        minimum=1,
        maximum=4096,
        also=("--lora-r", "-r", "--r", "--rank", "--peft-r", "--lora-dim"),
    ),
    Option(
        "--lora-alpha",
        int,
        "LoRA alpha scaling factor; lora only",
        minimum=1,
        maximum=65_536,
        also=("--alpha", "--peft-alpha", "--lora-scale"),
    ),
    Option(
        "--batch-size",
        int,
        "Rows of one step, over all devices",
        minimum=1,
        maximum=1_000_000,
        also=(
            *("--bs", "--batch", "--train-batch-size", "--global-batch-size"),
            *("--micro-batch-size", "--per-device-train-batch-size", "--per-device-batch-size"),
        ),
    ),
    Option(
        "--seed",
        int,
        "Seed of everything that is random",
        minimum=0,
        maximum=2**32 - 1,
        also=("--random-seed", "--random-state", "--data-seed"),
    ),
)
"""The hyperparameters every technique knows unless it refuses them.

The bounds only keep nonsense out; a platform holds its own, narrower ones.
"""

LORA_ONLY = ("lora_rank", "lora_alpha")

Validate = Literal["auto", "full", "quick"]


@dataclass(frozen=True)
class TuneRequest(DatasetRequest):
    """One call of ``tune``.

    Attributes:
        platform, training_type: ``None`` where the project or a default decides.
        from_tune: the job goes on from the output of this earlier run: the name of a run, a
            unique start of it, or a technique, whose latest completed run is meant.
        from_weights: the job goes on from the adapter or model in this place.
        validate: how much of a dataset is read before the job, where staging does not read all:
            ``full``, all of it; ``auto``, all of one on this machine, and of a remote one its
            first GiB; ``quick``, its first ten lines.
        force: a new job even if one exists.
        dry_run: only the plan is wanted: a hint that is pasted then starts no job.
        wait: follow the job to its end.
        skip_reward_check: do not try the evaluator before the job.
        poll_interval: seconds between two looks at the job.
        max_cost: US dollars that a new job may cost at most; it does not decide the job.
        settings: the trainer's own settings, by name, as JSON has their values; see ``--set``.
    """

    platform: str | None = None
    training_type: str | None = None
    from_tune: str | None = None
    from_weights: str | None = None
    validate: Validate = "auto"
    force: bool = False
    dry_run: bool = False
    wait: bool = True
    skip_reward_check: bool = False
    poll_interval: float | None = None
    max_cost: float | None = None
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        """Return whether the job is to go on from an earlier output."""
        return self.from_tune is not None or self.from_weights is not None

    def command_line(self, **changes: Any) -> str:
        """Return the whole command line; ``--force`` is part of it only as a change."""
        line = super().command_line(**changes)
        return f"{line} --force" if changes.get("force") else line

    def without(self, key: str) -> TuneRequest:
        """Return the same request without the option of that key."""
        values = {name: value for name, value in self.values.items() if name != key}
        return dataclasses.replace(self, values=values)

    def without_setting(self, name: str) -> TuneRequest:
        """Return the same request without the setting of that name."""
        kept = {other: value for other, value in self.settings.items() if other != name}
        return dataclasses.replace(self, settings=kept)

    def _command(self) -> Iterator[tuple[str, object]]:
        yield "./do/tune", True
        yield "--technique", self.technique or None
        yield "--platform", self.platform
        yield "--model", self.model
        yield "--training-type", self.training_type
        yield "--from-tune", self.from_tune
        yield "--from-weights", self.from_weights
        yield from self._values()
        for name, value in self.settings.items():
            yield "--set", f"{name}={written(value)}"
        yield "--validation", self.shown_validation
        yield "--validate", None if self.validate == "auto" else self.validate
        yield "--skip-reward-check", self.skip_reward_check
        yield "--max-cost", None if self.max_cost is None else f"{self.max_cost:g}"
        yield "--dry-run", self.dry_run
