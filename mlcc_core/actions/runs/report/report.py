"""``runs report``: a run as one HTML file, to be looked at, printed and sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlcc_core.actions.runs.report.gather import gather
from mlcc_core.actions.runs.report.page.page import GENERATOR, page_of
from mlcc_core.actions.runs.show import RunRequest, show_run
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.hints import hint_kind, path_word

HEAD = 4096
"""Bytes at the beginning of a file in which a report names its program."""


@dataclass(frozen=True)
class ReportRequest:
    """One call of ``runs report``.

    Attributes:
        run: the job's name or its unique start, or the technique whose tracked job it is.
        to: the file, which is replaced if it is a report; ``None`` for one in the project's folder.
    """

    run: str
    to: Path | None = None


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report that was written.

    Attributes:
        job: the run.
        path: the file, absolute.
        verdict: the headline.
    """

    job: str
    path: str
    verdict: str


def write_report(session: Session, request: ReportRequest) -> WrittenReport:
    """Write a run as one HTML file that needs nothing from anywhere.

    Raises:
        MlccError: no run is meant, or the place is a folder or another file.
        PlatformError: the file cannot be written.
    """
    record = show_run(session, RunRequest(request.run))
    path = request.to or session.project.root / f"{record.job}.html"
    path = path.expanduser().absolute()
    if path.is_dir():
        raise MlccError(
            f"--to {request.to} is a folder, expected the name of a file.",
            where="--to",
            hint=report_to(request.run, path / f"{record.job}.html"),
        )
    if not _may_be_written(path):
        other = path.with_name(f"{path.stem}-2.html")
        raise MlccError(
            f"{path} exists and is not a report; nothing is overwritten.",
            where="--to",
            hint=report_to(request.run, other),
        )
    report = gather(session, record)
    with disk_errors(path):
        write_atomically(path, page_of(report).encode("utf-8", "replace"))
    return WrittenReport(record.job, str(path), report.headline.title)


@hint_kind("a report in another file")
def report_to(run: str, path: Path) -> str:
    """Return the command that writes the report of a run to a file."""
    return f"mlcc runs report {run} --to {path_word(path)}"


def _may_be_written(path: Path) -> bool:
    """Return whether nothing but an earlier report is at a path; a device or pipe takes bytes."""
    if not path.is_file():
        return True
    with disk_errors(path), path.open("rb") as file:
        return GENERATOR.encode() in file.read(HEAD)
