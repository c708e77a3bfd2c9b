"""``guess``: which technique a dataset fits, and by which columns. Nothing is done on a guess."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from mlcc_core.actions.guess.fit import Fit, Misfit, try_technique
from mlcc_core.actions.requests import DatasetRequest
from mlcc_core.actions.session import Session, Workspace
from mlcc_core.actions.tune.plan.dataset import list_files
from mlcc_core.contract.technique.schema import DatasetSchema, FlattenRules
from mlcc_core.errors import raise_all
from mlcc_core.helpers.text import shown_uri
from mlcc_core.staging import Conversion, DatasetJob, preview

if TYPE_CHECKING:
    from mlcc_core.contract.source import Listing

R = TypeVar("R", bound=DatasetRequest)

ANY_COLUMNS = DatasetSchema(columns=(), example={}, keep_other_columns=True)
"""The form that every table has."""


@dataclass(frozen=True)
class Guess(Generic[R]):
    """Techniques that the first rows of a dataset fit, and those that they do not.

    Attributes:
        request: as typed.
        dataset: its URI, as it is shown.
        columns: that its first file has.
        fits: techniques with what each needs, best first: the fewest changes, the fewest first
            rows that are not right, the most columns that are used.
        misfits: the other techniques, by name.
    """

    request: R
    dataset: str
    columns: tuple[str, ...]
    fits: tuple[Fit[R], ...]
    misfits: tuple[Misfit, ...]

    @property
    def best(self) -> tuple[Fit[R], ...]:
        """The best one; several where nothing tells them apart, none where nothing fits.

        Nothing that needs a change is better than a technique whose columns are there as they are,
        with rows that are wrong.
        """
        if self.fits and self.fits[0].changes and self.wrong_rows:
            return ()
        return tuple(fit for fit in self.fits if _rank(fit) == _rank(self.fits[0]))

    @property
    def wrong_rows(self) -> tuple[Misfit, ...]:
        """The techniques whose columns are there as they are, with no first row that is right."""
        return tuple(misfit for misfit in self.misfits if misfit.columns_fit)

    @property
    def certain(self) -> Fit[R] | None:
        """The technique that fits without any change, if exactly one does."""
        unchanged = [fit for fit in self.fits if not fit.changes]
        return unchanged[0] if len(unchanged) == 1 else None


def guess(workspace: Workspace, request: R) -> Guess[R]:
    """Try techniques on the first rows of a dataset: all that are installed, or the one named.

    Each is tried as the request has it, else with the columns that advice suggests. One that would
    keep no row is a misfit. Nothing is written, and no more than first rows of one file are read.

    Args:
        workspace: a session for ``tune``; for ``check`` any folder.
        request: of ``tune`` or ``check``; its ``technique`` may be empty.

    Raises:
        MlccError: the dataset cannot be read, the technique that is named is not installed.
        PlatformError: the source cannot be reached.

    Example:
        >>> found = guess(open_session(), TuneRequest("", "train.jsonl"))
        >>> tune(session, found.best[0].request)
    """
    plugins = workspace.plugins
    if isinstance(workspace, Session):
        workspace = workspace.with_options(request.values)
    names = [plugins.technique(request.technique).name] if request.technique else plugins.techniques
    first = _first_file(list_files(plugins, workspace.access, request))
    columns = _columns(workspace, request, first)
    tried = [
        try_technique(workspace, dataclasses.replace(request, technique=name), first, columns)
        for name in names
    ]
    return Guess(
        request=request,
        dataset=shown_uri(request.dataset),
        columns=columns,
        fits=tuple(sorted((found for found in tried if isinstance(found, Fit)), key=_rank)),
        misfits=tuple(found for found in tried if isinstance(found, Misfit)),
    )


def _first_file(listing: Listing) -> Listing:
    """Return the listing with its first file that is not empty alone."""
    first = next((file for file in listing.files if file.size != 0), listing.files[0])
    return dataclasses.replace(listing, files=(first,))


def _columns(workspace: Workspace, request: DatasetRequest, listing: Listing) -> tuple[str, ...]:
    """Return the columns of a file, whatever they are.

    Raises:
        MlccError: it cannot be read as a table.
    """
    job = DatasetJob(
        source=workspace.plugins.source_for(request.dataset),
        listing=listing,
        access=workspace.access,
        schema=ANY_COLUMNS,
        flatten=FlattenRules(()),
        conversion=Conversion(),
        evaluator_given=False,
        command=request.command,
    )
    found = preview(job)
    if not found.files:
        raise_all(found.problems)
    return found.files[0].source_columns


def _rank(fit: Fit[R]) -> tuple[int, int, int]:
    return fit.changes, fit.read - fit.kept, -len(fit.columns)
