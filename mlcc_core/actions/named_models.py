"""Models that a user names: runs, the base model, and what else a platform can ask."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mlcc_core.actions.parts import require_answering
from mlcc_core.actions.requests import BASE
from mlcc_core.actions.runs.find import LIST, read_records, run_names
from mlcc_core.actions.runs.finished import find_tuned, is_technique
from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.runs.rows import when
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.answering import Answering, Subject
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import Interrupted, MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.project.records import RunRecord, is_recorded


@dataclass(frozen=True)
class NamedModel:
    """A model that a user named.

    Attributes:
        subject: as the platform asks it.
        record: of the run that made it; ``None`` for another model.
        platform, context: where it is asked.
    """

    subject: Subject
    record: RunRecord | None
    platform: Platform
    context: Context


def find_model(session: Session, text: str, where: str, platform: str | None = None) -> NamedModel:
    """Return the model that ``text`` names: ``base``, a run, a technique, or one that is deployed.

    Args:
        session: the project, its plugins and its platform.
        text: as typed.
        where: the flag or argument that it was given to.
        platform: the value of ``--platform``; ``None`` for the run's, else the session's.

    Raises:
        MlccError: it names none, or one that cannot be asked.
        PlatformError: records cannot be read, or the platform cannot be asked.
    """
    record = run_named(session, text, where)
    found = session.plugins.platform(
        platform or (record.platform if record else session.platform.name)
    )
    finder = Finder(session, require_answering(found), context_of(session.context, record))
    subject = finder.find(text, record, where)
    if subject is None:
        if session.model is None:
            raise MlccError("No model is named: MODEL_ID is not set.", hint="mlcc models")
        subject = finder.base(session.model)
    return NamedModel(subject, record, found, finder.context)


def run_named(session: Session, text: str, where: str) -> RunRecord | None:
    """Return the record of the run that ``text`` names; ``None`` where it names another model.

    Raises:
        MlccError: the run has no output, or its record is not on this machine.
    """
    starts = any(name.startswith(text) for name in run_names(session.project) if text)
    if text == BASE or not (starts or is_technique(session, text)):
        return None
    record = find_tuned(session, text, where).record
    if record is None:
        raise MlccError(
            f"The record of the {text} run is not on this machine.", where=where, hint=LIST
        )
    return record


def base_model(subject: Subject | None, record: RunRecord | None) -> str | None:
    """Return the base model of a run or an adapter; ``None`` for a model, which has none."""
    if subject is None:
        return None
    adapted = subject.deployed is not None or getattr(subject.output, "kind", None) == "adapter"
    return subject.model if record is not None or adapted else None


def newest_finished(session: Session) -> list[RunRecord]:
    """Return the records of the runs that left an output, the newest first."""
    done = (each for each in read_records(session.project, session.say) if each.output is not None)
    return sorted(done, key=lambda record: when(session, record), reverse=True)


@contextmanager
def while_there(
    session: Session, records: Iterable[RunRecord | None], doing: str
) -> Iterator[None]:
    """Let an error say that a run was removed meanwhile, where that is why.

    Args:
        session: the project.
        records: of the runs whose models are read; ``None`` among them counts for nothing.
        doing: a participle that says for what: ``evaluated``.

    Raises:
        MlccError: a run was removed before the block ended, which failed.
    """
    try:
        yield
    except Interrupted:
        raise
    except (MlccError, OSError):
        with suppress(MlccError), session.project.lock():
            pass  # a removal that is under way takes the record last
        for record in records:
            if record is not None and not is_recorded(session.project, record.job):
                raise MlccError(
                    f"{record.job} was removed while it was being {doing}.", hint=LIST
                ) from None
        raise


@dataclass(frozen=True)
class Finder:
    """Finds models where they are asked."""

    session: Session
    answering: Answering
    context: Context

    def base(self, model: str) -> Subject:
        """Return the base model of that name, under the title ``base``."""
        subject = self.answering.base_subject(self.context, model)
        return dataclasses.replace(subject, title=BASE)

    def find(self, text: str, record: RunRecord | None, where: str) -> Subject | None:
        """Return the model that is meant; ``None`` for the base model.

        Raises:
            MlccError: there is none of that name, or it cannot be asked.
        """
        if text == BASE:
            return None
        if record is not None and record.output is not None:
            model = job_of(self.session, record).model
            output = Output(record.output.kind, record.output.path)
            return self.answering.run_subject(self.context, record.job, model, output)
        found = self.answering.find_subject(self.context, text)
        if found is None:
            also = f"nor {BASE!r} nor a model that can be asked here"
            raise no_such_model(self.session, text, where, also)
        return found


def no_such_model(session: Session, text: str, where: str, also: str) -> MlccError:
    """Return the error for a name that means no model.

    Args:
        session: the project, whose runs have names, too.
        text: the name.
        where: it was given: ``--against``.
        also: what else it does not name, to go on after "neither a run of this project".
    """
    names = [BASE, *session.plugins.techniques, *run_names(session.project)]
    close = close_matches(text, names)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return MlccError(
        f"{text!r} is neither a run of this project {also}.{meant}", where=where, hint=LIST
    )
