"""Flags that decide nothing about training, given to a job that was started without them."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.actions.requests import flag_of, flag_words
from mlcc_core.actions.tune.plan.plan import Plan
from mlcc_core.project.records import as_json, read_record


def unheeded_lines(plan: Plan, job: str, *, goes_on: bool = False) -> Iterator[str]:
    """Yield a line for each flag of the platform that comes too late for a job that exists.

    Args:
        plan: of what is asked for now.
        job: the name of the job that was started for the same plan.
        goes_on: it was interrupted and is about to go on, with flags that it takes then.
    """
    record = read_record(plan.session.project, job)
    if record is None:
        return
    given = as_json(plan.request.values)
    for option in plan.platform.options:
        now, then = given.get(option.key), record.options.get(option.key)
        if option.decides or now is None or now == then or (goes_on and option.on_resume):
            continue
        flag = flag_of(option.key)
        started = " ".join(flag_words([(flag, then)])) or f"without {flag}"
        words = f"with {started}" if then is not None else started
        asked = " ".join(flag_words([(flag, now)]))
        yield (
            f"⚠️  {job} was started {words}, which {asked} does not change; "
            "--force starts a new job."
        )
