"""Plugins by name: what other programs call them, and those that are not loaded."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.technique import FakeTechnique


class Group(FakeTechnique):
    name: ClassVar[str] = "group"
    also: ClassVar[tuple[str, ...]] = ("grpo", "rl")


class Judge(FakeTechnique):
    name: ClassVar[str] = "judge"
    also: ClassVar[tuple[str, ...]] = ("rl",)


def refused(name: str, *, disable: str = "") -> MlccError:
    plugins = build_manager([Group(), Judge(), FakeTechnique()], disable=disable)
    with pytest.raises(MlccError) as caught:
        plugins.technique(name, lambda meant: f"tune {meant}")
    return caught.value


@pytest.mark.parametrize(
    ("typed", "asked", "mended"),
    [
        ("grpo", "Did you mean 'group'?", "tune group"),
        ("GRPO", "Did you mean 'group'?", "tune group"),
        ("rl", "Did you mean 'group' or 'judge'?", "tune group"),
        ("fakes", "Did you mean 'fake'?", "tune fake"),
    ],
)
def test_an_unknown_name_is_answered_with_the_one_that_was_meant(
    typed: str, asked: str, mended: str
) -> None:
    error = refused(typed)
    assert error.what == f"Unknown technique {typed!r}. {asked}"
    assert error.hint == mended


def test_a_name_that_is_near_none_lists_all() -> None:
    error = refused("zzz")
    assert (error.what, error.hint) == ("Unknown technique 'zzz'.", "mlcc plugins")
    assert error.detail == ("Known techniques: fake, group, judge",)


def test_a_technique_that_is_left_out_is_not_taken_for_another() -> None:
    error = refused("group", disable="technique:group")
    assert error.what.startswith("The technique 'group' is disabled")
    assert error.hint == "mlcc plugins"
