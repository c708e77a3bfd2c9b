"""The models that are served, by the names under which they are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from mlcc_core.actions.named_models import Finder, find_model, newest_finished
from mlcc_core.actions.parts import require_answering
from mlcc_core.actions.requests import BASE
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.siblings import shares_outputs
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.project.records import RunRecord


@dataclass
class Served:
    """The models.

    Attributes:
        base: as it is; the first target, where that is deployed without a base.
        base_names: names of the base model: its own, and ``base``.
        subjects: all models, by name, the base first.
        eager: names of those that were deployed or named, and are made ready before others.
        targets: names that were typed; all of them must be served.
        left_out: by name, why a model is not served.
    """

    base: Subject
    base_names: tuple[str, ...]
    subjects: dict[str, Subject] = field(default_factory=dict)
    eager: list[str] = field(default_factory=list)
    targets: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def adapters(self) -> int:
        """Return how many of the models are adapters."""
        outputs = (subject.output for subject in self.subjects.values())
        return sum(output is not None and output.kind == "adapter" for output in outputs)

    def lacking(self, name: str) -> str:
        """Return why a model is not served, and which are."""
        why = self.left_out.get(name)
        what = f"{name!r} is not served: {why}" if why else f"There is no model {name!r}."
        return f"{what} Models: {', '.join(self.subjects)}."

    def leave_out(self, name: str, error: MlccError) -> None:
        """Do not serve a model that cannot be.

        Raises:
            MlccError: it is a target.
        """
        if name in self.targets:
            error.where = error.where or "TARGET"
            raise error
        self.subjects.pop(name, None)
        self.left_out[name] = error.what


def find_served(session: Session, targets: tuple[str, ...]) -> Served:
    """Return the base model, what is deployed, the outputs of runs, and what is named.

    A model of the project that cannot be served is left out; the reason is kept.

    Raises:
        MlccError, PlatformError: the base model or a target cannot be served.
    """
    alone = _deployed_alone(session, targets[0]) if targets else None
    base = alone or find_model(session, BASE, "MODEL_ID", session.platform.name).subject
    names = tuple(dict.fromkeys((targets[0],) if alone else (base.model, BASE)))
    served = Served(base, names, dict.fromkeys(names, base), targets=targets)
    _Adding(session, served).all()
    return served


def _deployed_alone(session: Session, target: str) -> Subject | None:
    """Return what is deployed under a name, where no base can be asked beside it."""
    answering = require_answering(session.platform)
    try:
        found = answering.find_subject(session.context, target)
    except PlatformError:
        raise
    except MlccError:
        return None  # what it is instead is said when it is looked for as a target
    alone = found is not None and not answering.has_base(session.context, found)
    return found if alone else None


@dataclass(frozen=True)
class _Adding:
    """Adds models to those that are served."""

    session: Session
    served: Served

    def all(self) -> None:
        """Add what was deployed, what is named, and the outputs of runs."""
        for name in self._deployed():
            self._add(name, partial(self._find_deployed, name), eager=True)
        for text in self.served.targets:
            self._add(text, partial(self._find_named, text), eager=True)
        for record in newest_finished(self.session):
            if shares_outputs(self.session.plugins, self.session.platform, record.platform):
                self._add(record.job, partial(self._find_run, record), eager=False)

    def _add(self, name: str, find: Callable[[], Subject], *, eager: bool) -> None:
        if name in self.served.subjects:
            return
        try:
            subject = find()
            self._check_base(subject)
        except MlccError as error:
            self.served.leave_out(name, error)
            return
        self.served.subjects[name] = subject
        if eager:
            self.served.eager.append(name)

    def _deployed(self) -> list[str]:
        serving = self.session.platform.serving
        if serving is None:
            return []
        try:
            return [item.name for item in serving.deployed(self.session.context)]
        except MlccError as error:
            self.session.say(f"⚠️  What is deployed is not served: {error.what}")
            return []

    def _find_deployed(self, name: str) -> Subject:
        answering = require_answering(self.session.platform)
        found = answering.find_subject(self.session.context, name)
        if found is None:
            raise MlccError("this platform cannot ask it.")
        return found

    def _find_named(self, text: str) -> Subject:
        return find_model(self.session, text, "TARGET", self.session.platform.name).subject

    def _find_run(self, record: RunRecord) -> Subject:
        context = context_of(self.session.context, record)
        finder = Finder(self.session, require_answering(self.session.platform), context)
        found = finder.find(record.job, record, "TARGET")
        return found or self.served.base

    def _check_base(self, subject: Subject) -> None:
        """Refuse an adapter of another base, which would be loaded beside this one.

        Raises:
            MlccError: it is one.
        """
        base = self.served.base
        if subject.output is None or subject.output.kind == "model" or subject.model == base.model:
            return
        answering = require_answering(self.session.platform)
        try:
            theirs = answering.base_subject(self.session.context, subject.model)
        except PlatformError as error:
            raise MlccError(f"its base {subject.model} cannot be had: {error.what}") from None
        if theirs.fingerprint != base.fingerprint:
            raise MlccError(
                f"it is an adapter of {subject.model}, and {base.model} is served; "
                f"MODEL_ID={subject.model} mlcc serve serves that."
            )
