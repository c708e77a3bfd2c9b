"""Lengths of a dataset's rows in tokens, and counts of the rows that a limit would cut."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from mlcc_core.contract.tokens import RowText, RowTokens, TokenCounter, TokenLimits
from mlcc_core.errors import MlccError
from mlcc_core.staging.model.report import TokenSummary
from mlcc_core.staging.results.percentiles import percentiles

SAMPLE = 4 << 20
"""Bytes of the first rows, which are counted by default: a tokenizer takes a second for one to five
million bytes, which would be minutes for a large dataset."""

LISTED = 20
"""Rows without anything to learn whose numbers are kept; all are counted."""


class TokenTally:
    """Counts of tokens, in four bytes a number.

    Args:
        counter: counts the tokens of rows.
        limits: on the tokens of a row.
        every_row: count all rows, and raise a failure; otherwise count only the first ones, and
            keep a failure.
        show: so many of the first rows are kept, to be shown.
        on_progress: takes the number of rows that were counted, after each batch.

    Attributes:
        failure: the reason why the counter failed; then nothing was counted.
    """

    def __init__(
        self,
        counter: TokenCounter,
        limits: TokenLimits,
        *,
        every_row: bool,
        show: int = 0,
        on_progress: Callable[[int], None] = lambda rows: None,
    ) -> None:
        self._counter = counter
        self._limits = limits
        self._every_row = every_row
        self._on_progress = on_progress
        self._room: int | None = None if every_row else SAMPLE
        self._prompts = array("I")
        self._wholes = array("I")
        self._trained = array("I")
        self._untrained: list[int] = []
        self._nothing = 0
        self._show = show
        self._kept: list[bytes] = []
        self._rows = self._cut = self._without_reply = self._long_prompts = self._refused = 0
        self._refusal: str | None = None
        self.failure: MlccError | None = None

    @property
    def full(self) -> bool:
        """No further rows will be counted."""
        enough = self._room == 0 and len(self._kept) >= self._show
        return self.failure is not None or enough

    def count(self, data: bytes) -> None:
        """Count the tokens of converted JSON lines.

        Raises:
            MlccError: they cannot be counted, and ``every_row`` is set.
        """
        if self.failure is not None:
            return
        if len(self._kept) < self._show:
            self._kept += data.splitlines(keepends=True)[: self._show - len(self._kept)]
        data = b"" if self._room == 0 else self._fitting(data)
        if not data:
            return
        try:
            counted = self._counter.count(data)
        except MlccError as error:
            if self._every_row:
                raise
            self.failure = error
            return
        for row in counted:
            self._add(row)
        self._on_progress(self._rows)

    def summary(self) -> TokenSummary | None:
        """Return the counts; ``None`` after a failure."""
        if self.failure is not None:
            return None
        return TokenSummary(
            tokenizer=self._counter.name,
            how=self._counter.how,
            rows=self._rows,
            prompt=percentiles(self._prompts),
            row=percentiles(self._wholes),
            trained=percentiles(self._trained),
            max_seq_length=self._limits.row,
            max_prompt_length=self._limits.prompt,
            rows_cut=self._cut,
            rows_without_reply=self._without_reply,
            prompts_too_long=self._long_prompts,
            rows_untrained=self._nothing,
            untrained=tuple(self._untrained),
            rows_refused=self._refused,
            refusal=self._refusal,
        )

    def shown(self) -> tuple[RowText, ...]:
        """Return the first rows as the model reads them, while the counter is there.

        Returns:
            None after a failure, or where the counter does not know.
        """
        if self.failure is not None or not self._kept:
            return ()
        try:
            return tuple(self._counter.show(b"".join(self._kept)))
        except MlccError as error:
            self.failure = error
            return ()

    def _fitting(self, data: bytes) -> bytes:
        """Return the rows of ``data`` within the sample, at least the dataset's first row."""
        if self._room is None or len(data) < self._room:
            self._room = None if self._room is None else self._room - len(data)
            return data
        end = data.rfind(b"\n", 0, self._room) + 1
        if not end and self._room == SAMPLE:
            end = data.find(b"\n") + 1
        self._room = 0
        return data[:end]

    def _add(self, row: RowTokens) -> None:
        self._rows += 1
        if row.refusal is not None:
            self._refused += 1
            self._refusal = self._refusal or row.refusal
            return
        if row.prompt:
            self._prompts.append(row.prompt)
        if row.whole:
            self._wholes.append(row.whole)
        self._cut += self._limits.cuts(row)
        self._without_reply += self._limits.leaves_no_reply(row)
        self._long_prompts += self._limits.forbids(row)
        if row.trained is not None:
            self._trained.append(row.trained)
        if row.trains_nothing or self._limits.leaves_no_reply(row):
            self._nothing += 1
            if len(self._untrained) < LISTED:
                self._untrained.append(self._rows)
