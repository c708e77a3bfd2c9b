"""Values that platforms are given and answer with; the class is in ``platform.py``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.contract.platform.platform import Platform


def _no_platform(name: str) -> Platform:
    raise MlccError(f"No platform {name!r}: no plugins are loaded here.", hint="mlcc plugins")


@dataclass(frozen=True)
class Context:
    """The surroundings that a platform is given with every call.

    Attributes:
        root: the project's folder.
        project: the project's name.
        settings: ``do/config`` under the environment: a flag beats the environment beats it.
        options: the flags of the platform, and of plugins that listen to events, that were given,
            by key; those of techniques are in :attr:`Job.asked <mlcc_core.Job>`.
        say: shows one line of news to the user (stderr); never for results.
        save: writes variables to ``do/config``.
        confirm: asks the user a question with yes or no for an answer; raises where there is
            no terminal to ask on.
        read_secret: asks the user for a value that must not be seen, under a prompt; from
            standard input where there is no terminal.
        catalog_id: the catalog's id of a model that is given by any of its names; a name that
            the catalog does not have comes back as it is.
        hub_id: the Hub's id of a model of the catalog; ``None`` where the catalog has none.
        platform: the installed platform of a name, each of whose calls is guarded as mlcc's own
            calls are; raises where there is none.

    Example:
        >>> list(context.platform("local").runner.logs(context, job.name, follow=False))
        ['trl:SFTTrainer on mlcc-tiny, LoRA, rank 16, alpha 32', …]
    """

    root: Path
    project: str
    settings: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    say: Callable[[str], None] = lambda line: None
    save: Callable[[Mapping[str, str]], None] = lambda values: None
    confirm: Callable[[str], bool] = lambda question: False
    read_secret: Callable[[str], str] = lambda prompt: ""
    catalog_id: Callable[[str], str] = lambda name: name
    hub_id: Callable[[str], str | None] = lambda name: None
    platform: Callable[[str], Platform] = _no_platform


@dataclass(frozen=True, slots=True)
class Check:
    """One prerequisite, as ``doctor`` shows it.

    Attributes:
        name: what was looked at ("torch", "credentials", "role").
        state: ``ok``, ``warning`` (works, but) or ``missing`` (nothing can run without it).
        found: what was found, without secrets.
        hint: the command that mends it.
        told: a warning that ``tune`` says too, because what comes after the job needs it.
    """

    name: str
    state: Literal["ok", "warning", "missing"]
    found: str
    hint: str | None = None
    told: bool = False

    @property
    def said(self) -> str:
        """The check as a line for people, with its hint below."""
        return "\n".join(filter(None, (f"{self.name}: {self.found}", self.hint)))


@dataclass(frozen=True, slots=True)
class InPlaceRead:
    """The answer to whether jobs read a dataset that needs no conversion where it is.

    Attributes:
        uri: its path or URI, when they read it where it is; ``None`` when a copy is staged.
        note: why a copy is, where a user may expect otherwise, and what would change that.
    """

    uri: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged dataset.

    Attributes:
        uri: path or URI, as the platform's jobs read it.
        rows: how many.
        record: what was committed with it.
        validation: path or URI of its second part, the rows that are held out of training;
            ``None`` for a dataset of one part. :meth:`DataStore.find_parts` fills it in.
    """

    uri: str
    rows: int
    record: Mapping[str, object] = field(default_factory=dict)
    validation: str | None = None


class Sink(ABC):
    """A file for a converted dataset: all of it is kept, or nothing."""

    file: BinaryIO
    """Takes the bytes, in order."""

    @abstractmethod
    def commit(self, record: Mapping[str, object]) -> str:
        """Make the bytes visible at once under their key, and return their URI.

        Args:
            record: rows, ledger, checksum; JSON that is kept beside the bytes.
        """


@dataclass(frozen=True)
class Request:
    """The request that creates a job, exactly as it will be sent, but for the job's name.

    Attributes:
        body: JSON-like; shown by ``--dry-run`` and kept in the run record. Holds no secret.
        notes, warnings: what the user should know of it, shown by ``--dry-run`` and before the job
            is created; not part of the body.
    """

    body: Mapping[str, object]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter or a model that is deployed beside the base model.

    Attributes:
        name: as the user named it.
        kind: ``adapter`` (LoRA weights on the base model) or ``model`` (a whole model).
        source: where its weights came from.
        status: the platform's word for its state ("InService").
    """

    name: str
    kind: Literal["adapter", "model"]
    source: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Demo:
    """The material of ``mlcc demo`` for this platform.

    Attributes:
        technique: the technique it shows.
        dataset: a file that ships with the plugin.
        flags: further flags of ``mlcc tune``, as typed.
        questions: asked of the base and of the tuned model.
        model: given to ``mlcc init --model``; ``None`` for the platform's default.
        prepare: makes the model ready; takes a function that shows a line of progress.
        fallback: goes on in place of this demo where ``prepare`` fails.
        untrained: the base model has random weights, so that its answers are noise.
    """

    technique: str
    dataset: Path
    flags: tuple[str, ...]
    questions: tuple[str, ...]
    model: str | None = None
    prepare: Callable[[Callable[[str], None]], object] = lambda say: None
    fallback: Demo | None = None
    untrained: bool = False
