"""Flags of plugins: well made, and without a clash with the core's or with each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mlcc_core.contract.options import EvaluatorKind, Option
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import PluginError
from mlcc_core.loader.entry_points import OWN_DISTRIBUTION, Origin, disable_hint, refusal

FLAG = re.compile(r"--[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
ALSO = re.compile(r"--?[A-Za-z][\w-]*(=\S+)?\Z").match
"""Matches what another program calls a flag, with the value that it stands for as a switch."""

TYPES = (str, int, float, bool)

CORE_FLAGS = frozenset(
    (
        *("--technique", "--dataset", "--training-type", "--model", "--platform", "--fixed"),
        *("--epochs", "--learning-rate", "--max-seq-length", "--lora-rank", "--lora-alpha"),
        *("--batch-size", "--column-map", "--no-transform", "--on-misfit", "--extract-prompt"),
        *("--from-messages", "--validation", "--validate", "--force", "--no-wait", "--status"),
        *("--dry-run", "--list-models", "--take", "--skip-reward-check", "--poll-interval"),
        *("--from-tune", "--from-weights", "--file", "--seed", "--set", "--list-settings"),
        *("--max-cost", "--script", "--requirements", "--hyperparameter", "--input", "--folder"),
        *("--debug", "--json", "--show", "--help", "--version"),
    )
)
"""Flags of ``tune``, ``train`` and ``check`` that are mlcc's own, as a test holds them to be."""

EVALUATE_FLAGS = frozenset(
    (
        *(
            "--against",
            "--benchmark",
            "--metric",
            "--samples",
            "--max-new-tokens",
            "--system",
            "--require",
        ),
        *("--allow-trained-rows", "--judge", "--managed"),
    )
)
"""Further flags of ``evaluate``, which options of events cannot have."""


DEPLOY_FLAGS = frozenset(
    (
        *("--force-ic", "--model-data", "--expires", "--max-cost", "--yes", "--platform"),
        *("--to", "--name", "--weights", "--from-tune"),
        *("--debug", "--json", "--help", "--version"),
    )
)
"""Flags of ``deploy`` that are mlcc's own; a test holds them to the command."""


@dataclass(frozen=True)
class DeclaredFlag:
    """A flag that a plugin declares.

    Attributes:
        option: the flag.
        owner: for messages: ``technique kto``.
        origin: of the plugin.
        role: ``hyperparameter``, ``evaluator``, ``platform`` or ``event``: who is given the value.
    """

    option: Option
    owner: str
    origin: Origin
    role: str

    @property
    def meaning(self) -> tuple[object, ...]:
        """Return all that must be the same where two plugins share a flag."""
        option = self.option
        bounds = (option.minimum, option.maximum, option.choices)
        return (self.role, option.type, *bounds)

    def described(self) -> str:
        """Return the flag's values in words: ``a number from 0 to 1 (platform x)``."""
        value = self.option.range_text()
        return f"{value} as {_ROLES[self.role]} ({self.owner}, {self.origin})"


_ROLES = {
    "hyperparameter": "a hyperparameter",
    "evaluator": "an evaluator",
    "platform": "a platform's option",
    "event": "an option of events",
}


def check_flags(declared: Iterable[DeclaredFlag], own: frozenset[str] = CORE_FLAGS) -> None:
    """Refuse flags that are badly made, that the core has, or that mean two things.

    Args:
        declared: the flags of one command.
        own: those of the command that are mlcc's.

    Raises:
        PluginError: it names the plugin, or both plugins.
    """
    seen: dict[str, DeclaredFlag] = {}
    for flag in declared:
        for fault in option_faults(flag.option):
            raise refusal(flag.origin, f"{flag.owner}: {fault}")
        name = flag.option.flag
        if name in own or (flag.role == "event" and name in EVALUATE_FLAGS):
            raise refusal(
                flag.origin, f"{flag.owner} declares {name}, which is a flag of mlcc's own"
            )
        first = seen.setdefault(name, flag)
        if first is flag:
            continue
        if first.owner == flag.owner:
            raise refusal(flag.origin, f"{flag.owner} declares {name} twice")
        if first.meaning != flag.meaning:
            raise _clash(first, flag)


def check_deploy_flags(platforms: Mapping[str, Platform], origins: Mapping[str, Origin]) -> None:
    """Refuse flags of deployments as :func:`check_flags` does those of jobs.

    Args:
        platforms: by name.
        origins: of all plugins, by the name that each is registered under.

    Raises:
        PluginError: it names the plugin, or both plugins.
    """
    options = {
        f"platform:{name}": [("platform", option) for option in platform.deploy_options]
        for name, platform in platforms.items()
    }
    check_flags(declared_flags(options, origins), DEPLOY_FLAGS)


def option_faults(option: Option) -> Iterator[str]:
    """List the faults of an option, each in a few words."""
    flag = option.flag
    if not isinstance(flag, str) or not FLAG.match(flag):
        yield f"the flag is {flag!r}, expected --like-this"
    if option.type not in TYPES:
        yield f"the type of {flag} is {option.type!r}, expected str, int, float or bool"
    if not isinstance(option.help, str) or not option.help.strip():
        yield f"the help of {flag} is {option.help!r}, expected a text"
    yield from also_faults(option.also, f"also of {flag}")
    yield from _value_faults(option)
    if option.on_resume and option.decides:
        yield f"{flag} has on_resume=True, which only an option with decides=False may have"
    if not all(isinstance(kind, EvaluatorKind) for kind in option.evaluators):
        yield f"the evaluator of {flag} is {option.evaluator!r}, expected an EvaluatorKind"
    if option.limits not in (None, "row", "prompt"):
        yield f"the limits of {flag} are {option.limits!r}, expected 'row' or 'prompt'"


def also_faults(also: object, whose: str) -> Iterator[str]:
    """List the faults of names that other programs give a flag, each in a few words."""
    if not isinstance(also, tuple) or not all(isinstance(name, str) for name in also):
        yield f"{whose} is {also!r}, expected a tuple of str"
    else:
        yield from (f"{whose} names {name!r}, expected --a_flag" for name in also if not ALSO(name))


def _value_faults(option: Option) -> Iterator[str]:
    flag = option.flag
    bounds = [bound for bound in (option.minimum, option.maximum) if bound is not None]
    if not all(isinstance(bound, (int, float)) for bound in bounds):
        yield f"a bound of {flag} is not a number"
    elif bounds and option.type not in (int, float):
        yield f"{flag} has bounds, which only a number may have"
    elif bounds != sorted(bounds):
        yield f"the minimum of {flag} is above its maximum"
    choices: object = option.choices
    if not isinstance(choices, tuple) or not all(isinstance(c, str) for c in choices):
        yield f"the choices of {flag} are {choices!r}, expected a tuple of str"
    elif choices and option.type is not str:
        yield f"{flag} has choices, which only a str may have"


def _clash(first: DeclaredFlag, second: DeclaredFlag) -> PluginError:
    guest = first if second.origin.distribution == OWN_DISTRIBUTION else second
    return PluginError(
        f"Two plugins mean different things by {second.option.flag}: {first.described()}, and "
        f"{second.described()}.",
        hint=disable_hint(guest.origin.entry_point) if guest.origin.entry_point else None,
    )


def declared_flags(
    options: Mapping[str, Iterable[tuple[str, Option]]], origins: Mapping[str, Origin]
) -> Iterator[DeclaredFlag]:
    """Yield the flags of all plugins, those of mlcc's own first.

    Args:
        options: the role and the option of each flag, by the name that its plugin is registered
            under (``technique:kto``).
        origins: of the plugins.
    """
    guests = sorted(options, key=lambda name: origins[name].distribution != OWN_DISTRIBUTION)
    for name in guests:
        for role, option in options[name]:
            owner = name.replace("hooks:", "plugin:").replace(":", " ")
            yield DeclaredFlag(option, owner, origins[name], role)
