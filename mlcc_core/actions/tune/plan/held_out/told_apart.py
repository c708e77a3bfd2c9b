"""Jobs compared by their rows: other data told apart from another rule that holds rows out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcc_core.actions.tune.plan.held_out.choice import AUTO, AUTO_RULE, FLAG
from mlcc_core.actions.tune.plan.held_out.content import rule_in, rules_said
from mlcc_core.actions.tune.plan.identity import DATASET
from mlcc_core.project.records import RunRecord

UNSURE = "dataset content or held-out rows"
"""Words for :data:`DATASET` where records of jobs do not tell which of the two differs."""


@dataclass(frozen=True)
class AskedRows:
    """A job, as far as its rows go.

    Attributes:
        asked: everything that decides its result, in the user's words.
        content: the address of all rows of its dataset; ``None`` where that is not known.
        typed: what ``--validation`` was, as typed; ``None`` for the default.
    """

    asked: Mapping[str, object]
    content: str | None = None
    typed: object = None

    @property
    def by_default(self) -> bool:
        """Return whether the default rule held rows out."""
        if self.asked.get(FLAG) != AUTO_RULE.fraction:
            return False
        if self.content is not None:
            return rule_in(self.asked, self.content) == AUTO_RULE
        return self.typed is None or str(self.typed).strip().lower() == AUTO

    @property
    def said(self) -> tuple[object, bool]:
        """Return the rule; equal ones divide equal datasets alike."""
        return self.asked.get(FLAG), self.by_default

    @property
    def key(self) -> str:
        """Return the address of the dataset's content and of the rule."""
        return str(self.asked[DATASET])

    def with_content(self, known: Mapping[str, str]) -> AskedRows:
        """Return it with the content that its address is of, where that is known.

        Args:
            known: contents of other jobs, by address.
        """
        if self.content is not None:
            return self
        content = known.get(self.key) if FLAG in self.asked else self.key
        if content is None:
            content = next((each for each in known.values() if rule_in(self.asked, each)), None)
        return AskedRows(self.asked, content, self.typed)

    def other_than(self, job: AskedRows) -> bool:
        """Return whether this dataset, of unknown content, is certainly not that of a job."""
        tried = job.content is not None and bool(rules_said(self.asked.get(FLAG)))
        return tried or self.said == job.said


def asked_rows(record: RunRecord) -> AskedRows:
    """Return the rows that a job was asked for, as its record has them."""
    return AskedRows(record.asked, record.content, record.given.get(FLAG.removeprefix("--")))


def told_apart(jobs: Sequence[AskedRows]) -> list[dict[str, object]]:
    """Return what was asked for each job, so that only what differs has other values.

    The dataset's content stands alone, not with the rule by which rows are held out. Where that
    cannot be told, it is named :data:`UNSURE`. The default stands by its name where the fraction
    that it is was asked for, too.
    """
    if any(DATASET not in job.asked for job in jobs) or len({job.key for job in jobs}) < 2:
        return [dict(job.asked) for job in jobs]
    jobs = [job.with_content({}) for job in jobs]
    known = {job.key: job.content for job in jobs if job.content is not None}
    jobs = [job.with_content(known) for job in jobs]
    sure = all(
        job.content is not None or job.other_than(other)
        for job in jobs
        for other in jobs
        if other.key != job.key
    )
    fractions = {job.by_default for job in jobs if job.asked.get(FLAG) == AUTO_RULE.fraction}
    return [_told(job, sure=sure, named=len(fractions) > 1) for job in jobs]


def _told(job: AskedRows, *, sure: bool, named: bool) -> dict[str, object]:
    rows = {DATASET: job.content or job.key} if sure else {UNSURE: job.key}
    default = {FLAG: AUTO} if named and job.by_default else {}
    told: dict[str, object] = {}
    for name, value in job.asked.items():
        told |= rows if name == DATASET else {name: value}
    return told | default
