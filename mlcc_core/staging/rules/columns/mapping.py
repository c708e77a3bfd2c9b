"""The column map of a command, against the columns of a file: its errors, and a mended map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.helpers.text import listed
from mlcc_core.staging.model.column_map import Pair, sources_of
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.columns.structures import flat_command, structures

if TYPE_CHECKING:
    from mlcc_core.staging.model.file_preview import FilePreview


def map_problems(job: DatasetJob, file: FilePreview) -> list[MlccError]:
    """List the errors of the column map for a file; the hint of each mends all."""
    name, names = file.file.name, file.source_columns
    pairs = job.conversion.column_map
    if pairs and all(_is_turned(job, pair, names) for pair in pairs):
        return [_turned_map(job, name, names)]
    asked = [name for pair in pairs for name in sources_of(pair) if name not in names]
    holders = structures(file, asked)
    # A structure has a name like that of what it holds, and is not meant in its place.
    mended = _Mended.of(pairs, names, [each for each in names if each not in holders])
    hint: str | None = job.command_with(column_map=mended.pairs)
    detail = (f"Columns: {', '.join(names)}",)
    problems: list[MlccError] = []
    if mended.unknown:
        what = _unknown_sources(mended, name, holders)
        if holders and not mended.meant:
            hint = flat_command(job, file, holders)
        problems.append(MlccError(what, where="--column-map", hint=hint, detail=detail))
    for pair in _clashing(pairs, names):
        shown = " and ".join(map(repr, sources_of(pair)))
        verb = "renamed" if isinstance(pair[0], str) else "joined"
        what = (
            f"Column{'s' * (verb == 'joined')} {shown} cannot be {verb} to {pair[1]!r}: "
            f"{name} has a column {pair[1]!r} already."
        )
        problems.append(MlccError(what, where="--column-map", hint=hint, detail=detail))
    return problems


def _clashing(pairs: Sequence[Pair], names: Sequence[str]) -> list[Pair]:
    """Return the entries of known columns whose target is a column that stays."""
    sources = {name for pair in pairs for name in sources_of(pair)}
    return [
        pair
        for pair in pairs
        if pair[1] in names and pair[1] not in sources and {*sources_of(pair)} <= {*names}
    ]


def _is_turned(job: DatasetJob, pair: Pair, names: Sequence[str]) -> bool:
    """Return whether an entry names the technique's column where the file's belongs."""
    source, target = pair
    required = isinstance(source, str) and job.schema.column(source) is not None
    return required and source not in names and target in names


def _turned_map(job: DatasetJob, file: str, names: Sequence[str]) -> MlccError:
    pairs = job.conversion.column_map
    turned = tuple(
        (target, source) for source, target in pairs if target and isinstance(source, str)
    )
    found, wanted = turned[0]
    return MlccError(
        f"The column map is the wrong way round: {file} has a column {found!r}, not {wanted!r}.",
        where="--column-map",
        hint=job.command_with(column_map=turned),
        detail=(f"Columns: {', '.join(names)}",),
    )


@dataclass(frozen=True)
class _Mended:
    """A column map whose wrong entries are mended.

    Attributes:
        pairs: its entries; one without a column that is likely meant is left out.
        unknown: the sources that no column has.
        meant: for some of them, the columns that are likely meant, best first.
    """

    pairs: tuple[Pair, ...]
    unknown: tuple[str, ...]
    meant: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, pairs: Sequence[Pair], names: Sequence[str], likely: Iterable[str]) -> _Mended:
        """Mend a map for a file with columns, of which some may be meant where there is none."""
        free = [name for name in likely if not any(name in sources_of(pair) for pair in pairs)]
        mended: list[Pair] = []
        unknown: list[str] = []
        meant: dict[str, Sequence[str]] = {}
        for pair in pairs:
            sources, whole = sources_of(pair), "+".join(sources_of(pair))
            missing = [name for name in sources if name not in names]
            if missing and whole in names:
                unknown.append(missing[0])
                meant[missing[0]] = [whole]  # its plus sign belongs to the name
                mended.append((whole, pair[1]))
                continue
            unknown += missing
            for name in missing:
                if close := close_matches(name, free):
                    meant[name] = close
                    free.remove(close[0])
            kept = [meant[name][0] if name in meant else name for name in sources]
            kept = [name for name in kept if name in names]
            if kept:
                mended.append((kept[0] if len(kept) == 1 else tuple(kept), pair[1]))
        mended += [(pair[1], None) for pair in _clashing(mended, names) if pair[1] is not None]
        return cls(tuple(mended), tuple(unknown), meant)


def _unknown_sources(mended: _Mended, file: str, holders: Mapping[str, Sequence[str]]) -> str:
    shown = listed(map(repr, mended.unknown))
    several = len(mended.unknown) > 1
    what = (
        f"Unknown columns {shown} in the column map: {file} has no such columns."
        if several
        else f"Unknown column {shown} in the column map: {file} has no such column."
    )
    for name, within in holders.items():
        what += f" Column {name!r} is a structure that holds {listed(map(repr, within))}."
    if several:
        first = [mended.meant[name][0] for name in mended.unknown if name in mended.meant]
        return what + (f" Did you mean {listed(map(repr, first))}?" if first else "")
    close = mended.meant.get(mended.unknown[0], ())
    return what + (f" Did you mean {listed(map(repr, close), 'or')}?" if close else "")
