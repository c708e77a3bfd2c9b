"""Secrets of addresses, in the errors of the plugins that are given them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.contract.source import Access, DatasetFile, Source
from mlcc_core.errors import MlccError, PlatformError, PluginError, Problems
from mlcc_core.helpers import shown_uri
from mlcc_core.loader.guard.hiding import HIDDEN, hide, secrets_in
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.source import FakeSource

URI = "memory://me:let%40me@host/x?table=t&token=4f1c&5e"
SECRETS = ("let%40me", "let@me", "4f1c&5e")


def source(**methods: Any) -> Source:
    kind = type("Telling", (FakeSource,), methods)
    return build_manager([kind()]).source_for(URI)


def telling(error: Exception) -> Any:
    def method(self: Source, *_: object, **__: object) -> object:
        raise error

    return method


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (MlccError(f"No {URI}.", where=URI, hint=f"look at {URI}", detail=(URI,)), MlccError),
        (PlatformError("host refuses let@me"), PlatformError),
        (Problems([MlccError("4f1c&5e is no token"), MlccError("let%40me is wrong")]), Problems),
        (ConnectionError(f"cannot connect to {URI}"), PlatformError),
        (KeyError(URI), PluginError),
    ],
)
def test_no_error_of_a_source_shows_the_secrets_of_its_address(
    raised: Exception, kind: type[MlccError]
) -> None:
    with pytest.raises(kind) as told:
        source(list=telling(raised)).list(URI, Access())
    said = f"{told.value} {told.value.as_json()}"
    assert HIDDEN in said
    assert [secret for secret in SECRETS if secret in said] == []


def test_no_error_of_a_row_shows_them() -> None:
    def rows(self: Source, file: DatasetFile, access: Access) -> Iterator[Mapping[str, object]]:
        yield {"prompt": "a"}
        raise PlatformError(f"lost {file.uri}")

    read = source(rows=rows).rows(DatasetFile("x.jsonl", URI, None, "f"), Access())
    assert next(read) == {"prompt": "a"}
    with pytest.raises(PlatformError) as told:
        next(read)
    assert [secret for secret in SECRETS if secret in told.value.what] == []


@pytest.mark.parametrize(
    ("uri", "secrets"),
    [
        ("file.jsonl", ()),
        ("memory://x?table=pairs", ()),
        ("memory://me@host/x", ()),
        ("memory://me:abc@host/x", ()),  # so short that it is part of words
        ("https://me:let-me-in@host/x?sign=a1b2", ("let-me-in", "sign=a1b2")),
        ("https://host/x#part=a1b2", ("part=a1b2",)),
    ],
)
def test_secrets_of_an_address(uri: str, secrets: tuple[str, ...]) -> None:
    assert secrets_in([uri]) == secrets


NAMES = st.sampled_from(["table", "token", "api_key", "part"])
TEXTS = st.text("abcXYZ019-_.~%4", min_size=4, max_size=12)


@given(password=TEXTS, pairs=st.lists(st.tuples(NAMES, TEXTS), max_size=4))
def test_what_people_are_shown_stays(password: str, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    uri = f"memory://me:{password}@host/x?{query}"
    error = MlccError(uri)
    hide(error, secrets_in([uri]))
    kept = dict(pairs).keys() - {"token", "api_key"}
    assert error.what.startswith(f"memory://me:{HIDDEN}@host/x?")
    assert all(f"{name}=" in error.what for name in kept)
    assert secrets_in([shown_uri(uri)]) == ()
