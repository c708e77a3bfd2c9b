"""Results of the pipeline: progress, a ledger, the reports. Plain values, JSON-able."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlcc_core.contract.tokens import RowText
from mlcc_core.helpers.text import plural
from mlcc_core.staging.model.row_error import ErrorKind, RowError


@dataclass(frozen=True, slots=True)
class FileColumns:
    """One file of the dataset, as its footer, header or first records show it.

    Attributes:
        name: path within the dataset.
        format: the name of one of ``mlcc_core.helpers.formats.FORMATS``.
        columns: after rename, in the file's order.
        rows: how many, where the footer says so.
    """

    name: str
    format: str
    columns: tuple[str, ...]
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class EvaluatorValues:
    """The values of the evaluator column, where no evaluator flag was given.

    Attributes:
        counts: distinct strings with the number of their rows, the commonest first; at most 50.
        distinct: how many distinct strings there are in all.
        objects: rows with the object form, which needs the flag.
    """

    counts: tuple[tuple[str, int], ...] = ()
    distinct: int = 0
    objects: int = 0


@dataclass(frozen=True, slots=True)
class StagingProgress:
    """The progress of staging.

    Attributes:
        file: the file being read; ``number`` of ``files``, from 1.
        rows: read so far, all files.
        bytes_read: fetched for these rows, all files; 0 before the first row.
        bytes_total: size of all files, where the listing knows it.
    """

    file: str
    number: int
    files: int
    rows: int
    bytes_read: int
    bytes_total: int | None


@dataclass(frozen=True, slots=True)
class NotReached:
    """The rows of one file that were not read, because reading ended before them.

    Attributes:
        rows: how many; ``None`` where nothing says so.
        bytes: of the file that were not read, about; ``None`` where its size is not known.
    """

    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class FileLedger:
    """The rows of one file; ``read`` is the sum of written, skipped and failed ones.

    Attributes:
        file: its name within the dataset.
        read, written: rows of the file that were read, and the good ones of them.
        skipped: rows left out on request, by reason.
        failed: rows with errors; 0 in a dataset that was staged.
        unread: the part that could not be read as rows, in words; empty where all was read.
        not_reached: the rows after those that were read; ``None`` where there are none.
        held_out: of those written, the rows that are not trained on.
    """

    file: str
    read: int
    written: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0
    unread: str = ""
    not_reached: NotReached | None = None
    held_out: int = 0

    def __post_init__(self) -> None:
        accounted = self.written + sum(self.skipped.values()) + self.failed
        if self.read != accounted:
            raise AssertionError(f"{self.file}: {self.read} rows read, {accounted} accounted for")
        if not 0 <= self.held_out <= self.written:
            raise AssertionError(f"{self.file}: {self.held_out} of {self.written} rows held out")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of every row that was read, by its result.

    Attributes:
        files: in the order in which they were read.
    """

    files: tuple[FileLedger, ...]

    @property
    def read(self) -> int:
        return sum(entry.read for entry in self.files)

    @property
    def written(self) -> int:
        return sum(entry.written for entry in self.files)

    @property
    def skipped(self) -> int:
        return sum(sum(entry.skipped.values()) for entry in self.files)

    @property
    def failed(self) -> int:
        return sum(entry.failed for entry in self.files)

    @property
    def held_out(self) -> int:
        return sum(entry.held_out for entry in self.files)

    @property
    def trained(self) -> int:
        """The rows to train on: those that are written and not held out."""
        return self.written - self.held_out

    @property
    def not_reached(self) -> tuple[NotReached, ...]:
        """The rows that were not read, of each file that has any."""
        return tuple(entry.not_reached for entry in self.files if entry.not_reached is not None)

    def in_words(self) -> str:
        """Return the sum: ``3 read = 2 good + 1 left out + 0 wrong``.

        Where reading ended early it says so: ``…; not reached: 497 rows``.
        """
        good = f"{self.written:,} good"
        if self.held_out:
            good += f" ({self.trained:,} to train on + {self.held_out:,} held out)"
        return (
            f"{self.read:,} read = {good} + {self.skipped:,} left out "
            f"+ {self.failed:,} wrong{_left(self.not_reached)}"
        )


def _left(parts: Sequence[NotReached]) -> str:
    """Say how many rows were not reached, else how many bytes, as far as that is known."""
    if not parts:
        return ""
    rows = [part.rows for part in parts if part.rows is not None]
    if len(rows) == len(parts):
        return f"; not reached: {plural(sum(rows), 'row')}"
    sizes = [part.bytes for part in parts if part.bytes]
    if len(sizes) == len(parts):
        return f"; not reached: the rest, about {sum(sizes):,} bytes"
    return "; not reached: the rest"


@dataclass(frozen=True, slots=True)
class StagingReport:
    """The result of staging, or of a validation in place.

    Attributes:
        rows: to train on: written and not held out; for a dataset in place, validated.
        bytes: of these rows; 0 in place.
        columns: written, in their order.
        dropped: columns that were read and not written.
        notes: what was converted, a text each, whose further lines follow a newline.
        warnings: probable mistakes, each with what to do.
        ledger: rows per file, those that are held out among them.
        evaluators: values of the evaluator column.
    """

    rows: int
    bytes: int
    columns: tuple[str, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    ledger: Ledger
    evaluators: EvaluatorValues = EvaluatorValues()


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """A written column in numbers.

    Attributes:
        name: of the column.
        empty: rows in which it is an empty or blank string.
        lengths: percentile (0, 50, 90, 99, 100) to length in characters; for messages, of their
            contents together. Empty where no row has text in it.
    """

    name: str
    empty: int
    lengths: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class TokenSummary:
    """Lengths of rows in tokens, as training would make them.

    Attributes:
        tokenizer: the model whose tokens they are.
        how: rows are written for it ("chat template included").
        rows: counted: all valid ones, or the first of them.
        prompt: percentile (0, 50, 90, 99, 100) to length of the prompt, with what opens a reply;
            empty where no row has one.
        row: likewise, of the prompt with its reply, the longest one of several.
        trained: likewise, of the replies that are learned, each with what ends it; empty for
            pairs of replies and for prompts alone.
        max_seq_length, max_prompt_length: the limits that were given, or the defaults of jobs.
        rows_cut: counted rows that are longer than ``max_seq_length``.
        rows_without_reply: those of them in which nothing is trained: the prompt alone fills it.
        prompts_too_long: prompts that are longer than ``max_prompt_length``.
        rows_untrained: counted rows in which nothing is trained, because of the limit or because
            no reply in them is to be.
        untrained: the first of them, as numbers of good rows, from 1.
        rows_refused: rows that could not be counted.
        refusal: why, for the first of them.
    """

    tokenizer: str
    how: str
    rows: int
    prompt: Mapping[int, int]
    row: Mapping[int, int]
    trained: Mapping[int, int]
    max_seq_length: int | None
    max_prompt_length: int | None
    rows_cut: int
    rows_without_reply: int
    prompts_too_long: int
    rows_untrained: int
    untrained: tuple[int, ...]
    rows_refused: int
    refusal: str | None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The report of ``mlcc check`` on a whole dataset.

    Attributes:
        rows: of the dataset that were read.
        valid: rows without error and not left out.
        bytes: of the valid rows as JSON lines.
        errors: the first errors, in reading order, at most as many as asked for.
        error_count: number of rows with errors.
        fault_count: number of errors; a row may have several.
        kinds: errors that differ only in their place, counted; the first thousand kinds.
        duplicates: valid rows that are equal to an earlier one.
        columns: in the order in which they are written.
        dropped, notes, warnings, ledger, evaluators: as staging reports them.
        tokens: lengths in tokens; ``None`` where they were not counted.
        no_tokens: the reason why they were not, and what to do about it.
        held_out: says which rows training would hold out; ``None`` where that was not asked.
        shown: the first good rows as the model reads them, as many as were asked for.
    """

    rows: int
    valid: int
    bytes: int
    errors: tuple[RowError, ...]
    error_count: int
    fault_count: int
    kinds: tuple[ErrorKind, ...]
    duplicates: int
    columns: tuple[ColumnSummary, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    ledger: Ledger
    evaluators: EvaluatorValues = EvaluatorValues()
    tokens: TokenSummary | None = None
    no_tokens: str | None = None
    held_out: str | None = None
    shown: tuple[RowText, ...] = ()

    @property
    def ok(self) -> bool:
        """There are rows to train on, and none is wrong."""
        return self.error_count == 0 and self.valid > 0
