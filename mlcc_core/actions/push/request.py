"""One call of ``push``, and its result."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from mlcc_core.actions.requests import flag_words

Form = Literal["adapter", "merged"]


@dataclass(frozen=True)
class PushRequest:
    """One call of ``push``.

    Attributes:
        repo: ``ORG/NAME``.
        target: a run, a start of its name, or a technique; ``None`` for the latest run that
            completed.
        merged: a whole model is pushed in place of an adapter.
        public: others may see the repository.
        message: of the commit; ``None`` for one that says what it is.
        replace: other files of the repository are removed.
        examples: so many rows of the latest evaluation are shown in the card.
        platform: ``None`` for the run's.
        hub: the name of a hub, where several are installed.
        assume_yes: public repositories are not asked about.
    """

    repo: str
    target: str | None = None
    merged: bool = False
    public: bool = False
    message: str | None = None
    replace: bool = False
    examples: int = 0
    platform: str | None = None
    hub: str | None = None
    assume_yes: bool = False

    def command_line(self, **changed: Any) -> str:
        """Return the command of this request with other values, for hints."""
        given = dataclasses.replace(self, **changed)
        words = [
            ("mlcc push", True),
            (given.target or "", bool(given.target)),
            (given.repo, True),
            ("--merged", given.merged),
            ("--public", given.public),
            ("--message", given.message),
            ("--replace", given.replace),
            ("--with-examples", given.examples or None),
            ("--platform", given.platform),
            ("--hub", given.hub),
            ("--yes", given.assume_yes),
        ]
        return " ".join(flag_words(words))


@dataclass(frozen=True)
class Pushed:
    """The repository that holds the model.

    Attributes:
        repo, address, revision: of it.
        job: the run that made the model.
        form: ``adapter`` or ``merged``.
        private: others cannot see it.
        changed: the content was another one before.
        files: that the model consists of, with its card.
        removed: files that were there before.
        loads: commands with which others use it.
    """

    repo: str
    address: str
    revision: str
    job: str
    form: Form
    private: bool
    changed: bool
    files: tuple[str, ...]
    removed: tuple[str, ...]
    loads: tuple[str, ...]
