"""The runs of a project: all of them, or one by its name or a start that no other run has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.names import close_matches
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, read_record

NAMED = 5
"""Names of runs that an error lists."""

LIST = "mlcc runs list"
"""The command that shows every run."""


def run_names(project: Project) -> list[str]:
    """List the jobs that the project has a record of, sorted.

    Raises:
        PlatformError: the folder of the records cannot be read.
    """
    folder = project.state_folder / "runs"
    with disk_errors(folder):
        return sorted(path.stem for path in folder.glob("*.json"))


def read_records(
    project: Project, complain: Callable[[str], object] | None = None
) -> Iterator[RunRecord]:
    """Yield the record of every run, by its name.

    Args:
        project: whose runs are looked at.
        complain: told in a line of a record that cannot be understood, which is passed over;
            ``None``: that is an error.

    Raises:
        MlccError: a record cannot be understood.
        PlatformError: records cannot be read.
    """
    for name in run_names(project):
        try:
            record = read_record(project, name)
        except PlatformError:
            raise
        except MlccError as error:
            if complain is None:
                raise
            complain(f"⚠️  {error.what}")
            continue
        if record is not None:  # it was not removed meanwhile
            yield record


def find_run(project: Project, text: str, where: str | None = None) -> RunRecord:
    """Return the record of the run that ``text`` names, by its whole name or a unique start.

    Args:
        project: whose runs are looked at.
        text: as typed.
        where: the flag that ``text`` was given to, for messages.

    Raises:
        MlccError: it names no run, or several.
        PlatformError: records cannot be read.
    """
    names = run_names(project)
    found = [text] if text in names else [name for name in names if text and name.startswith(text)]
    if len(found) == 1:
        record = read_record(project, found[0])
        if record is not None:
            return record
        found = []  # it was removed meanwhile
    if found:
        raise MlccError(
            f"{text!r} begins the names of {len(found)} runs: {_listed(found)}.",
            where=where,
            hint=LIST,
        )
    close = close_matches(text, names)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise MlccError(f"This project has no run {text!r}.{meant}", where=where, hint=LIST)


def _listed(names: list[str]) -> str:
    more = ", …" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
