"""A run's report, gathered from its record, its platform and its latest evaluation."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlcc_core.actions.money.bill import in_words, saved_bill
from mlcc_core.actions.runs.compare.curves import curves_of
from mlcc_core.actions.runs.compare.evaluated import latest_evaluation
from mlcc_core.actions.runs.compare.settings import settings_of
from mlcc_core.actions.runs.report.headline import headline_of
from mlcc_core.actions.runs.report.lengths import lengths_of
from mlcc_core.actions.runs.report.model import Data, Report
from mlcc_core.actions.runs.report.private import Private
from mlcc_core.actions.runs.run_file.writing import run_file_text
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.plan.rows import recorded_rows
from mlcc_core.contract.evaluation import Evaluation, RowResult
from mlcc_core.project.records import RunRecord


def gather(session: Session, record: RunRecord) -> Report:
    """Gather everything that the report of a run shows."""
    sources = session.plugins.sources.values()
    secrets = [source.credential.variable for source in sources if source.credential is not None]
    private = Private(session.project.root, session.settings, secrets)
    found = latest_evaluation(session, record.job)
    evaluation = None if found is None else _cleaned(found, private)
    headline = headline_of(record, evaluation)
    command = record.command and private.place(record.command)
    return Report(
        job=record.job,
        technique=record.technique,
        platform=record.platform,
        status="interrupted" if record.interrupted else record.status,
        model=private.place(str(record.asked.get("--model") or "")),
        sent=_local(record.created),
        headline=replace(
            headline,
            text=private.place(headline.text),
            command=headline.command and private.place(headline.command),
        ),
        curves=curves_of(session, record),
        evaluation=evaluation,
        data=_data(session, record, private),
        settings=tuple(
            replace(each, value=private.value(each.value)) for each in settings_of(record)
        ),
        lineage=tuple(
            f"{run.technique} {run.job}" if run.job else private.place(run.path)
            for run in record.lineage
        ),
        facts=_facts(record, private),
        command=command,
        run_file=private.place(run_file_text(record)) if record.given else None,
    )


def _data(session: Session, record: RunRecord, private: Private) -> Data:
    rows = recorded_rows(record)
    files = () if rows.ledger is None else rows.ledger.files
    lines = [rows.held_out or "", f"Rows: {rows.ledger.in_words()}" if rows.ledger else ""]
    left_out = [
        f"{entry.file}: {count:,} {reason}"
        for entry in files
        for reason, count in entry.skipped.items()
    ]
    return Data(
        private.place(record.dataset or ""),
        record.form or "",
        tuple(private.place(line) for line in (*lines, *left_out) if line),
        tuple(
            (
                private.place(entry.file),
                entry.read,
                entry.written - entry.held_out,
                entry.held_out,
                sum(entry.skipped.values()),
                entry.failed,
            )
            for entry in files
        ),
        lengths_of(session, record),
    )


def _facts(record: RunRecord, private: Private) -> Mapping[str, str]:
    output = record.output
    took = {f"took: {name}": f"{seconds:,.1f} s" for name, seconds in record.seconds.items()}
    found = {
        "plan": record.plan_hash,
        "output": f"{output.kind} at {private.place(output.path)}" if output else "",
        "problem": private.place(record.problem or ""),
        **_costs(record),
        **took,
        **record.plugins,
        **record.libraries,
    }
    return {name: text for name, text in found.items() if text}


def _costs(record: RunRecord) -> Mapping[str, str]:
    """Return what a run was to cost, and what it has cost."""
    bills = {"planned": saved_bill(record.cost), "spent": saved_bill(record.spent)}
    return {
        f"{word}: {charge.what}": in_words(charge).partition(": ")[2]
        for word, bill in bills.items()
        for charge in bill.charges
    }


def _cleaned(evaluation: Evaluation, private: Private) -> Evaluation:
    settings: Any = private.value(evaluation.settings)
    return replace(
        evaluation,
        target=private.place(evaluation.target),
        against=private.place(evaluation.against),
        dataset=private.place(evaluation.dataset),
        settings=settings,
        problems=tuple(private.place(problem) for problem in evaluation.problems),
        rows=tuple(_row(row, private) for row in evaluation.rows),
    )


def _row(row: RowResult, private: Private) -> RowResult:
    def words(text: str | None) -> str | None:
        return None if text is None else private.words(text)

    return replace(
        row,
        prompt=tuple(
            {name: private.words(str(value)) for name, value in message.items()}
            for message in row.prompt
        ),
        expected=words(row.expected),
        rejected=words(row.rejected),
        reply=words(row.reply),
        against_reply=words(row.against_reply),
    )


def _local(seconds: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""
