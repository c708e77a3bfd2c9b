"""``--validation``: the rows of a plan that are held out of training."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError
from mlcc_core.helpers.splits import validation_split
from mlcc_core.helpers.text import plural, shown_uri
from mlcc_core.staging.model.hold_out import HoldOut
from mlcc_core.staging.run.amount import has_rows

if TYPE_CHECKING:
    from mlcc_core.actions.requests import DatasetRequest
    from mlcc_core.contract.source import Listing
    from mlcc_core.staging import DatasetJob
    from mlcc_core.staging.model.report import Ledger
    from mlcc_core.staging.run.preview import DatasetPreview

AUTO, NONE = "auto", "none"

AUTO_RULE = HoldOut(AUTO, fraction=0.1, at_least=50, at_most=200)
"""Held out by default where jobs run on this machine."""

FLAG = "--validation"
EXPECTED = "expected auto, none, a fraction (0.1), a number of rows (50) or a dataset's URI"

KEY_LENGTH = 16
"""Characters of a dataset's content address that tell it from others."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?|nan|[+-]?inf", re.IGNORECASE)


@dataclass(frozen=True)
class OtherDataset:
    """A dataset all of whose rows are held out.

    Attributes:
        job: it, converted by the rules of the rows to train on.
        preview: of it.
    """

    job: DatasetJob
    preview: DatasetPreview


@dataclass(frozen=True)
class HeldOut:
    """The rows that are held out of training.

    Attributes:
        asked: as typed, or the default.
        rule: chooses them among the rows of the dataset.
        other: has them.
        mend: the command that holds none out.
    """

    asked: str = NONE
    rule: HoldOut | None = None
    other: OtherDataset | None = None
    mend: str | None = None

    @property
    def any(self) -> bool:
        """There may be some."""
        return self.rule is not None or self.other is not None

    @property
    def identity(self) -> list[object]:
        """Everything that decides which rows they are, as JSON."""
        if self.other is not None:
            return [self.other.preview.key]
        return [] if self.rule is None else self.rule.identity

    @property
    def content(self) -> dict[str, object]:
        """Return the part of what was asked that is about these rows; empty where there are none.

        A fraction that is written in another way is the same one, and so is a dataset elsewhere.
        """
        if self.other is not None:
            return {FLAG: f"dataset {self.other.preview.key[:KEY_LENGTH]}"}
        return {} if self.rule is None else {FLAG: self.rule.fraction or self.rule.rows}

    def document(self) -> dict[str, object]:
        """Return what programs are told; the ledger has the number of rows that a rule chose."""
        return {
            "asked": shown_uri(self.asked),
            "by_content": self.rule is not None,
            "dataset": None if self.other is None else self.other.job.listing.shown,
        }

    def in_words(
        self, ledger: Ledger | None = None, others: int | None = None, shared: int = 0
    ) -> str:
        """Say which rows they are.

        Args:
            ledger: of the dataset, where its rows were counted.
            others: rows of the other dataset, where they were counted.
            shared: those of them whose prompt is trained on, too.

        Example:
            Held out: 20 of 200 rows (10 %, by content)
        """
        if self.other is not None:
            rows = "all rows" if others is None else plural(others, "row")
            said = f"Held out: {rows} of {self.other.job.listing.shown}"
            return said + (f" (⚠️  {shared:,} with a prompt that is trained on)" if shared else "")
        if self.rule is not None and ledger is None:
            return f"Held out: {_planned(self.rule)}"
        if self.rule is None or ledger is None or not ledger.held_out:
            return f"Held out: none ({FLAG} 0.1 holds rows out)"
        share = f"{100 * ledger.held_out / ledger.written:.3g} %"
        rows = f"{ledger.held_out:,} of {plural(ledger.written, 'row')}"
        return f"Held out: {rows} ({share}, by content)"


def _planned(rule: HoldOut) -> str:
    if rule.fraction is None:
        return f"{plural(rule.rows or 0, 'row')}, by content"
    most = "" if rule.at_most is None else f", at most {rule.at_most:,}"
    return f"{100 * rule.fraction:.3g} % of the rows{most}, by content"


def rule_of(asked: str) -> HoldOut | None:
    """Return the rule that a fraction or a number means; ``None`` for anything else.

    Raises:
        MlccError: a number that is neither.
    """
    text = asked.strip()
    if not text:
        raise MlccError(f"{FLAG} is empty, {EXPECTED}.", where=FLAG)
    if not _NUMBER.fullmatch(text):
        return None
    if re.fullmatch(r"\+?0*[1-9]\d*", text):
        return HoldOut(text, rows=int(text))
    share = float(text.removesuffix("%"))
    if text.endswith("%"):
        meant = f"{share / 100:g}" if 0 < share < 100 else "0.1"
        raise MlccError(f"{FLAG} is {asked}, {EXPECTED}.", where=FLAG, hint=f"{FLAG} {meant}")
    if 0 < share < 1:
        return HoldOut(text, fraction=share)
    meant = NONE if share == 0 else "0.1"
    raise MlccError(f"{FLAG} is {asked}, {EXPECTED}.", where=FLAG, hint=f"{FLAG} {meant}")


def names_dataset(asked: str) -> bool:
    """Return whether what was asked is a dataset's URI: neither a word nor a number."""
    text = asked.strip()
    return text.lower() not in (AUTO, NONE, "") and not _NUMBER.fullmatch(text)


def own_validation(listing: Listing) -> str | None:
    """Return the URI of the validation split of the dataset that a listing is of, if it has one."""
    split = validation_split(listing.other_splits)
    return None if split is None else listing.other_splits[split]


def source_of_rows(
    request: DatasetRequest, listing: Listing, *, trains_here: bool
) -> tuple[str, HoldOut | str | None]:
    """Decide where the held-out rows come from.

    Args:
        request: the dataset, and what was asked.
        listing: its files.
        trains_here: jobs run on this machine.

    Returns:
        What was asked; and a rule, the URI of another dataset, or ``None`` for no rows.

    Raises:
        MlccError: what was asked cannot be understood.
    """
    asked = AUTO if request.validation is None else request.validation
    word = asked.strip().lower()
    if word == NONE or (word == AUTO and not trains_here):
        return word, None
    if word == AUTO:
        return AUTO, own_validation(listing) or AUTO_RULE
    rule = _checked(request, asked)
    return (asked, asked) if rule is None else (rule.asked, rule)


def _checked(request: DatasetRequest, asked: str) -> HoldOut | None:
    try:
        return rule_of(asked)
    except MlccError as error:
        value = (error.hint or f"{FLAG} {AUTO}").removeprefix(f"{FLAG} ")
        error.hint = request.command_line(validation=value)
        raise


def enough_rows(rule: HoldOut, job: DatasetJob, preview: DatasetPreview) -> bool:
    """Return whether a dataset has the rows from which on a rule holds some out."""
    return not rule.at_least or bool(preview.problems) or has_rows(job, preview, rule.at_least)


def same_dataset(other: OtherDataset, preview: DatasetPreview, mend: str) -> MlccError | None:
    """Return the error for rows that are held out and trained on."""
    if other.preview.fingerprint != preview.fingerprint:
        return None
    return MlccError(
        f"{FLAG} names the dataset that is trained on, {shown_uri(other.job.listing.uri)}.",
        where=FLAG,
        hint=mend,
    )
