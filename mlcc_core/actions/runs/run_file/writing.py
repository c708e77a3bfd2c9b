"""The run file of a run that was: ``tune --file`` on it asks for that run again."""

from __future__ import annotations

from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord


def run_file_text(record: RunRecord) -> str:
    """Return the run file of a run: ``tune --file`` on it asks for that run again.

    Raises:
        MlccError: the record does not hold how the run was asked for.
    """
    import yaml

    if record.script is not None:
        raise MlccError(
            f"The run {record.job} ran a script of yours, for which there are no run files.",
            hint=record.command or f"mlcc runs show {record.job}",
        )
    if not record.given:
        raise MlccError(
            f"The record of {record.job} does not hold how it was asked for: the job was started "
            "elsewhere, or by an older mlcc.",
            hint=f"mlcc runs show {record.job}   # all that is known of it",
        )
    given = yaml.safe_dump(record.given, sort_keys=False, allow_unicode=True, width=1000)
    return f"# {record.job}: mlcc tune --file FILE\n{given}"
