"""Check which flags apply to the technique, its recipe and the platform."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Container, Mapping
from dataclasses import dataclass

from mlcc_core.actions.requests import flag_of
from mlcc_core.actions.tune.plan.hints import whole_command
from mlcc_core.actions.tune.plan.recipes import ChosenRecipe
from mlcc_core.actions.tune.plan.request import HYPERPARAMETERS, LORA_ONLY, TuneRequest
from mlcc_core.actions.tune.settings import written
from mlcc_core.contract.job import TRAINING_TYPES, TrainingType
from mlcc_core.contract.options import EvaluatorArg, EvaluatorKind, Option
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.loader.manager import Plugins

LONGEST_INTERVAL = 86_400
"""Seconds between two looks at a job, at most."""


@dataclass(frozen=True)
class Choices:
    """The meaning of a request's flags for its technique and platform.

    Attributes:
        hyperparameters: the platform's name to the value given.
        flags: the platform's name to the flag it came from.
        evaluator: the evaluator flag that was given, with its value.
        platform_options: the platform's own options that were given, by key.
        settings: the trainer's own settings that were given, by name.
    """

    hyperparameters: Mapping[str, object]
    flags: Mapping[str, str]
    evaluator: tuple[EvaluatorArg, str] | None
    platform_options: Mapping[str, object]
    settings: Mapping[str, object]


class FlagChecker:
    """Sorts a request's values and gathers everything that is wrong with them."""

    def __init__(
        self,
        plugins: Plugins,
        request: TuneRequest,
        technique: BoundTechnique,
        platform: Platform,
        recipe: ChosenRecipe,
        training_type: TrainingType,
    ) -> None:
        self.plugins = plugins
        self.request = request
        self.technique = technique
        self.platform = platform
        self.recipe = recipe
        self.training_type = training_type
        self.evaluator_args = {a.option.key: a for a in technique.evaluator_args()}
        self.problems: list[MlccError] = []
        self.best_left_out: list[tuple[str, MlccError]] = []

    def sort(self) -> Choices:
        """Assign each value to its owner; what has none, or a bad value, becomes a problem."""
        hyperparameters: dict[str, object] = {}
        flags: dict[str, str] = {}
        options: dict[str, object] = {}
        evaluators: list[tuple[EvaluatorArg, str]] = []
        own = {o.key: o for o in (*HYPERPARAMETERS, *self.technique.technique.options)}
        of_platform = {o.key: o for o in self.platform.options}
        of_events = {o.key: o for options in self.plugins.run_options.values() for o in options}
        for key, value in self.request.values.items():
            if key in own:
                name = self._hyperparameter(own[key], value)
                if name is not None:
                    hyperparameters[name] = value
                    flags[name] = own[key].flag
            elif key in self.evaluator_args:
                if self._in_range(self.evaluator_args[key].option, value):
                    evaluators.append((self.evaluator_args[key], str(value)))
            elif key in of_platform:
                self._platform_option(of_platform[key], value)
                options[key] = value
            elif key in of_events:
                self._in_range(of_events[key], value)
            else:
                self.problems.append(self._homeless(key))
        self._check_settings()
        choices = Choices(
            hyperparameters, flags, self._evaluator(evaluators), options, self.request.settings
        )
        self._hint_at_leaving_out()
        return choices

    def _hyperparameter(self, option: Option, value: object) -> str | None:
        name = self.recipe.names.get(option.key)
        instead = self.technique.technique.refused_options.get(option.key)
        technique, platform = self.technique.name, self.platform.name
        if instead is not None:
            what = f"{option.flag} does not apply to technique {technique!r}; use {instead}."
        elif option.key in LORA_ONLY and self.training_type != "lora":
            what = (
                f"{option.flag} only applies when --training-type is lora, "
                f"not {self.training_type}."
            )
        elif not self._in_range(option, value):
            return None
        elif name is None:
            what = (
                f"{option.flag} cannot be set for technique {technique!r} on platform {platform!r}."
            )
        else:
            return name
        self._refuse(option.key, what)
        return None

    def _check_settings(self) -> None:
        """Refuse settings on a platform that takes none, and those that have a flag."""
        request = self.request
        if request.settings and not self.platform.takes_settings:
            others = self.plugins.platforms.values()
            takers = " and ".join(other.name for other in others if other.takes_settings)
            belongs = f"; it belongs to platform {takers}" if takers else ""
            given = ", ".join(request.settings)
            what = f"--set ({given}) does not apply to platform {self.platform.name!r}{belongs}."
            command = dataclasses.replace(request, settings={}).command_line()
            hint = f"{command}   # without --set"
            self.problems.append(MlccError(what, where="--set", hint=hint))
            return
        refused = self.technique.technique.refused_options
        names = self.recipe.names.items()
        flags = {name: flag_of(key) for key, name in names if key not in refused}
        for name in request.settings.keys() & flags.keys():
            flag = f"{flags[name]} {shlex.quote(written(request.settings[name]))}"
            self.problems.append(
                MlccError(
                    f"--set {name} has a flag of its own: expected {flag}.",
                    where=f"--set {name}",
                    hint=whole_command(flag, request.without_setting(name)),
                )
            )

    def _platform_option(self, option: Option, value: object) -> None:
        kinds = {a.kind for a in self.evaluator_args.values()}
        if option.evaluators and kinds.isdisjoint(option.evaluators):
            self.problems.append(self._of_other_techniques(option.flag, *option.evaluators))
        self._in_range(option, value)

    def _in_range(self, option: Option, value: object) -> bool:
        """Return whether an option may have this value; if not, that is a problem."""
        wrong = option.check(value)
        if wrong is not None:
            self._refuse(option.key, wrong.what)
        return wrong is None

    def _evaluator(self, given: list[tuple[EvaluatorArg, str]]) -> tuple[EvaluatorArg, str] | None:
        """Return the one evaluator flag that was given, if the platform can run its kind."""
        for argument, _ in given[1:]:
            first = given[0][0].option.flag
            self._refuse(
                argument.option.key,
                f"{first} and {argument.option.flag} exclude each other: expected one evaluator.",
            )
        needed = [given[0][0]] if given else list(self.evaluator_args.values())
        if needed and not any(a.kind in self.platform.evaluators for a in needed):
            self.problems.append(
                MlccError(
                    f"Platform {self.platform.name!r} cannot run a {needed[0].kind.value}, "
                    f"which technique {self.technique.name!r} needs.",
                    where="--platform",
                    hint="mlcc plugins",
                )
            )
        return given[0] if given else None

    def _homeless(self, key: str) -> MlccError:
        """Return the error for an option that neither the technique nor the platform knows."""
        flag = flag_of(key)
        takers: list[str] = []
        for name, technique in self.plugins.techniques.items():
            for argument in self.plugins.evaluators[name]:
                if argument.option.key == key:
                    return self._of_other_techniques(argument.option.flag, argument.kind)
            if any(option.key == key for option in technique.options):
                takers.append(name)
        if takers:
            what = f"{flag} does not apply to technique {self.technique.name!r}"
            return self._without(key, f"{what}; it belongs to {', '.join(takers)}.")
        owners = [
            platform.name
            for platform in self.plugins.platforms.values()
            if any(option.key == key for option in platform.options)
        ]
        belongs = f"; it belongs to platform {' and '.join(owners)}" if owners else ""
        what = f"{flag} does not apply to platform {self.platform.name!r}{belongs}."
        if owners:
            hint = self.request.command_line(platform=owners[0])
            return MlccError(what, where=flag, hint=hint)
        return self._without(key, what)

    def _of_other_techniques(self, flag: str, *kinds: EvaluatorKind) -> MlccError:
        """Return the error for an evaluator of kinds that this technique does not take."""
        takers = [
            name
            for name, arguments in self.plugins.evaluators.items()
            if any(argument.kind in kinds for argument in arguments)
        ]
        own = ", ".join(a.option.flag for a in self.evaluator_args.values())
        takes = f"which takes {own}" if own else "which takes no evaluator"
        nouns = " or ".join(f"a {kind.value}" for kind in kinds)
        what = (
            f"{flag} ({nouns}) does not apply to technique {self.technique.name!r}, "
            f"{takes}; it belongs to {', '.join(takers) or 'no installed technique'}."
        )
        if takers:
            hint = self.request.command_line(technique=takers[0])
            return MlccError(what, where=flag, hint=hint)
        return self._without(flag.removeprefix("--").replace("-", "_"), what)

    def _refuse(self, key: str, what: str) -> None:
        self.problems.append(self._without(key, what))

    def _without(self, key: str, what: str) -> MlccError:
        """Return the error for an option that should be left out; its hint is added at the end."""
        error = MlccError(what, where=flag_of(key))
        self.best_left_out.append((key, error))
        return error

    def _hint_at_leaving_out(self) -> None:
        """Give one command for all options that are best left out: the others would fail again."""
        request = self.request
        keys = dict.fromkeys(key for key, _ in self.best_left_out)
        for key in keys:
            request = request.without(key)
        flags = ", ".join(flag_of(key) for key in keys)
        for _, error in self.best_left_out:
            error.hint = f"{request.command_line()}   # without {flags}"


def check_no_training_type(request: TuneRequest, techniques: Container[str]) -> None:
    """Refuse a training type in the place of a technique.

    Raises:
        MlccError: the technique is one; the hint is the command with the flag for it.
    """
    name = request.technique
    if name in TRAINING_TYPES and name not in techniques:
        raise MlccError(
            f"Unknown technique {name!r}, which is a training type.",
            where="--technique",
            hint=request.command_line(technique="", training_type=name),
        )


def check_training_type(request: TuneRequest) -> TrainingType:
    """Return the training type asked for; ``lora`` when none is given.

    Raises:
        MlccError: it is neither ``lora`` nor ``full-rank``.
    """
    if request.training_type in (None, "lora"):
        return "lora"
    if request.training_type == "full-rank":
        return "full-rank"
    close = close_matches(request.training_type or "", TRAINING_TYPES)
    raise MlccError(
        f"Unknown training type {request.training_type!r}: expected lora or full-rank.",
        where="--training-type",
        hint=request.command_line(training_type=close[0] if close else "lora"),
    )


def check_poll_interval(interval: float | None, hint: str) -> None:
    """Refuse an interval that is not a number of seconds above 0 and up to a day.

    Args:
        interval: as it was given; ``None`` for the platform's own.
        hint: the command that mends it.

    Raises:
        MlccError: it is out of range.
    """
    if interval is not None and not 0 < interval <= LONGEST_INTERVAL:
        raise MlccError(
            f"--poll-interval {interval} is out of range: expected seconds above 0, at most "
            f"{LONGEST_INTERVAL}.",
            where="--poll-interval",
            hint=hint,
        )
