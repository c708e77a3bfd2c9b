"""The source that reads the address of a dataset."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlcc_core.contract.source import OtherUri, Source
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name
from mlcc_core.helpers.text import shown_uri
from mlcc_core.loader.entry_points import PluginRecord


def find_source(
    sources: Mapping[str, Source], uri: str, left_out: Iterable[PluginRecord]
) -> Source:
    """Return the source that knows the beginning of ``uri``, else answers its scheme.

    Args:
        sources: by name.
        uri: of a dataset.
        left_out: every plugin that was found; one that is disabled or broken may be the one.

    Raises:
        MlccError: no installed source does, the forms of all of them are listed; or the slashes
            after its scheme are missing.
    """
    for source in sources.values():
        if uri.lower().startswith(tuple(known.lower() for known in source.addresses)):
            return source
    scheme = uri.partition("://")[0] if "://" in uri else ""
    _check_slashes(sources, uri)
    for source in sources.values():
        if scheme.lower() in source.schemes:
            return source
    schemes = [s for source in sources.values() for s in source.schemes if s]
    error = unknown_name("dataset scheme", scheme, schemes, where="--dataset")
    forms = [f"  {source.uri_help}" for source in sources.values()]
    absent = [
        f"Plugin {r.name} is {r.state}: {r.reason}"
        for r in left_out
        if r.state in ("broken", "disabled")
    ]
    web, shown = scheme.lower() in ("http", "https"), shown_uri(uri)
    download = f"curl -LO {shlex.quote(uri)}" if shown == uri else "download it"
    raise MlccError(
        f"No source reads {shown!r}." if web else error.what,
        where=error.where,
        detail=("Datasets come from:", *forms, *absent),
        hint=f"{download}   # and name the file" if web else "mlcc plugins",
    )


def _check_slashes(sources: Mapping[str, Source], uri: str) -> None:
    """Refuse ``s3:bucket/key``, unless it is a file's name: it lacks the slashes of an address."""
    scheme, colon, place = uri.partition(":")
    known = scheme and any(scheme.lower() in source.schemes for source in sources.values())
    if not colon or not known or place.startswith("//") or Path(uri.partition("?")[0]).exists():
        return
    whole = shown_uri(f"{scheme}://{place.lstrip('/')}")
    raise OtherUri(
        f"{whole.replace('://', ':', 1)} is neither a file nor an address, "
        f"which begins with {scheme}://.",
        uri=whole,
    )
