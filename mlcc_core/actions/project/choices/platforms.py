"""The platforms that a new project can choose from, and what each needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core.contract.platform.platform import Platform
    from mlcc_core.loader.manager import Plugins


@dataclass(frozen=True)
class PlatformChoice:
    """A platform that is installed.

    Attributes:
        name: the value of ``--platform``.
        title: for people.
        needs: what it needs, each in a few words; empty for nothing.
        default: it is taken where none is named.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    default: bool


def platform_choices(plugins: Plugins) -> tuple[PlatformChoice, ...]:
    """Return the installed platforms, the default one first.

    Args:
        plugins: the installed plugins.
    """
    found = (
        PlatformChoice(platform.name, platform.title, tuple(_needs(platform)), platform.default)
        for platform in plugins.platforms.values()
    )
    return tuple(sorted(found, key=lambda choice: (not choice.default, choice.name)))


def _needs(platform: Platform) -> Iterator[str]:
    if platform.trains_here:
        yield "no account, no cost"
    elif platform.account is not None:
        yield "needs an account"
    if platform.costs_money:
        yield "costs money"
    for setting in platform.settings:
        if setting.required and not setting.default:
            yield f"needs {setting.variable}: {setting.help}"
