"""``catalog add``: a row of the project's own catalog, for a model of a platform's list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.actions.project.catalog import find_catalog
from mlcc_core.actions.project.live_models import live_model, live_models
from mlcc_core.catalog.rows import as_toml, row_of, today
from mlcc_core.errors import MlccError
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.names import close_matches
from mlcc_core.project.hints import catalog_add

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.catalog.model import CatalogModel

DISCOVER = "mlcc catalog list --discover"


@dataclass(frozen=True, slots=True)
class AddRowRequest:
    """One call of ``catalog add``.

    Attributes:
        model: its id in the platform's list, or the id on the Hub of a row of the catalog.
        replace: write over the file that an earlier call wrote.
    """

    model: str
    replace: bool = False


@dataclass(frozen=True, slots=True)
class AddedRow:
    """The result of ``catalog add``.

    Attributes:
        model: the row.
        row: the file that was written, as text.
    """

    model: CatalogModel
    row: str


def add_to_catalog(session: Session, request: AddRowRequest) -> AddedRow:
    """Write a row for a model of the platform's list into the project's ``catalog/``.

    Args:
        session: the project, its plugins and its platform.
        request: which model.

    Raises:
        MlccError: no such model, or a file with its row is there already.
        PlatformError: the list cannot be read, or the file not be written.
    """
    live = live_model(session, session.context.catalog_id(request.model))
    if live is None:
        raise _not_listed(session, request.model)
    folder = session.project.root / "catalog"
    file = folder / f"{live.id.replace('/', '--')}.toml"
    if file.exists() and not request.replace:
        again = catalog_add(live.id, "--replace")
        raise MlccError(f"{file} is there already.", where=str(file), hint=again)
    known = find_catalog(session.plugins).find(live.id)
    row = row_of(live, known, today(), file)
    text = as_toml(row)
    folder.mkdir(exist_ok=True)
    write_atomically(file, text.encode())
    return AddedRow(row, text)


def _not_listed(session: Session, model: str) -> MlccError:
    names = [m.id for m in live_models(session)[0]]
    close = close_matches(model, names)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return MlccError(
        f"{session.platform.title} has no model {model!r} that can be tuned.{meant}",
        where="MODEL",
        hint=DISCOVER,
    )
