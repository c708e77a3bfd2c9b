"""The source that reads an address, and addresses that are almost one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.source import FakeSource


@pytest.mark.parametrize(
    ("uri", "shown", "meant"),
    [
        ("memory:rows", "memory:rows", "memory://rows"),
        ("memory:/rows", "memory:rows", "memory://rows"),
        ("MEMORY:a b", "MEMORY:a b", "'MEMORY://a b'"),
        ("memory:me:let-me-in@rows?token=abc", "memory:me@rows", "memory://me@rows"),
    ],
)
def test_an_address_that_lacks_its_slashes_is_told_with_them(
    uri: str, shown: str, meant: str
) -> None:
    with pytest.raises(MlccError) as refused:
        build_manager([FakeSource()]).source_for(uri)
    said = f"{shown} is neither a file nor an address, which begins with {uri[:6]}://."
    assert refused.value.what == said
    assert refused.value.hint == f"--dataset {meant}"


def test_a_file_may_have_a_name_like_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "memory:rows").write_text("")
    with pytest.raises(MlccError, match="Unknown dataset scheme"):
        build_manager([FakeSource()]).source_for("memory:rows")


def test_a_letter_of_a_drive_is_not_an_address() -> None:
    with pytest.raises(MlccError, match="Unknown dataset scheme"):
        build_manager([FakeSource()]).source_for("C:/rows.jsonl")
