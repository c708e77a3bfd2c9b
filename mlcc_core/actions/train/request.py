"""The request of ``train --script``, as typed: the same words on the command line and in Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcc_core.actions.requests import flag_of, flag_words
from mlcc_core.actions.train.any_model import TRAIN
from mlcc_core.contract.script.spec import SCRIPT
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.text import shown_uri


@dataclass(frozen=True)
class ScriptRequest:
    """One call of ``train --script``.

    Attributes:
        script: path of a Python file, from the current folder or the project's.
        requirements: path of a requirements file of pip, found likewise; ``None`` for none.
        hyperparameters: given to the script as ``--NAME VALUE``.
        inputs: path or URI of each channel of data, by the channel's name.
        folder: the script's whole folder is run, not the file alone.
        platform: ``None`` where the project's platform decides which one trains any model.
        values: the platform's own flags that were given, by key.
        force: a new job even if one exists.
        dry_run: only the plan is wanted.
        wait: follow the job to its end.
        poll_interval: seconds between two looks at the job.
        max_cost: US dollars that a new job may cost at most; it does not decide the job.
    """

    script: str
    requirements: str | None = None
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    folder: bool = False
    platform: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    force: bool = False
    dry_run: bool = False
    wait: bool = True
    poll_interval: float | None = None
    max_cost: float | None = None

    @property
    def technique(self) -> str:
        """Return the word under which the latest script run is tracked, as a technique's is."""
        return SCRIPT

    @hint_kind("the same script run with other options")
    def command_line(self, **changes: Any) -> str:
        """Return the whole command line, to be pasted; ``--force`` is part of it as a change only.

        Args:
            changes: fields of this class to be different, ``dry_run=False``.

        Example:
            ``./do/train --script train.py --hyperparameter epochs=3 --input train=data/``
        """
        line = " ".join(flag_words(dataclasses.replace(self, **changes).flags()))
        return f"{line} --force" if changes.get("force") else line

    def flags(self) -> Iterator[tuple[str, object]]:
        """Yield the command's name, ``True`` beside it, and its flags with their values."""
        yield TRAIN, True
        yield "--script", self.script
        yield "--requirements", self.requirements
        for name, value in self.hyperparameters.items():
            yield "--hyperparameter", f"{name}={value}"
        for name, uri in self.inputs.items():
            yield "--input", f"{name}={shown_uri(uri)}"
        yield "--folder", self.folder
        yield "--platform", self.platform
        for key, given in self.values.items():
            yield flag_of(key), given
        yield "--max-cost", None if self.max_cost is None else f"{self.max_cost:g}"
        yield "--dry-run", self.dry_run
