"""Check flags against the technique, its recipe and the platform: which mean something here?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlcc_core.errors import MlccError
from mlcc_core.hooks import BoundTechnique
from mlcc_core.job import TrainingType
from mlcc_core.manager import Plugins
from mlcc_core.options import EvaluatorArg, EvaluatorKind, Option
from mlcc_core.platform import Platform
from mlcc_core.technique import Recipe
from mlcc_core.tune.request import HYPERPARAMETERS, LORA_ONLY, TuneRequest


@dataclass(frozen=True)
class Choices:
    """What the flags of a request mean for its technique and platform.

    Attributes:
        hyperparameters: the platform's name to the value given.
        flags: the platform's name to the flag it came from.
        evaluator: the evaluator flag that was given, with its value.
        platform_options: the platform's own options that were given, by key.
    """

    hyperparameters: Mapping[str, object]
    flags: Mapping[str, str]
    evaluator: tuple[EvaluatorArg, str] | None
    platform_options: Mapping[str, object]


class FlagChecker:
    """Sorts a request's values and gathers everything that is wrong with them."""

    def __init__(
        self,
        plugins: Plugins,
        technique: BoundTechnique,
        platform: Platform,
        recipe: Recipe,
        training_type: TrainingType,
    ) -> None:
        self.plugins = plugins
        self.technique = technique
        self.platform = platform
        self.recipe = recipe
        self.training_type = training_type
        self.evaluator_args = {a.option.key: a for a in technique.evaluator_args()}
        self.problems: list[MlccError] = []

    def sort(self, request: TuneRequest) -> Choices:
        """Assign each value to its owner; what has none, or a bad value, becomes a problem."""
        hyperparameters: dict[str, object] = {}
        flags: dict[str, str] = {}
        options: dict[str, object] = {}
        evaluator: tuple[EvaluatorArg, str] | None = None
        own = {o.key: o for o in (*HYPERPARAMETERS, *self.technique.technique.options)}
        of_platform = {o.key: o for o in self.platform.options}
        for key, value in request.values.items():
            if key in own:
                name = self._hyperparameter(own[key], value)
                if name is not None:
                    hyperparameters[name] = value
                    flags[name] = own[key].flag
            elif key in self.evaluator_args:
                evaluator = (self.evaluator_args[key], str(value))
            elif key in of_platform:
                self._platform_option(of_platform[key], value)
                options[key] = value
            else:
                self.problems.append(self._homeless(key))
        return Choices(hyperparameters, flags, evaluator, options)

    def _hyperparameter(self, option: Option, value: object) -> str | None:
        instead = self.technique.technique.refused_options.get(option.key)
        if instead is not None:
            self.problems.append(
                MlccError(
                    f"{option.flag} does not apply to technique {self.technique.name!r}; "
                    f"use {instead}.",
                    where=option.flag,
                    hint="mlcc tune --help",
                )
            )
            return None
        if option.key in LORA_ONLY and self.training_type != "lora":
            self.problems.append(
                MlccError(
                    f"{option.flag} only applies when --training-type is lora, "
                    f"not {self.training_type}.",
                    where=option.flag,
                    hint=f"leave {option.flag} out, or pass --training-type lora",
                )
            )
            return None
        wrong = option.check(value)
        if wrong is not None:
            self.problems.append(wrong)
            return None
        name = self.recipe.hyperparameters.get(option.key)
        if name is None:
            self.problems.append(
                MlccError(
                    f"{option.flag} cannot be set for technique {self.technique.name!r} on "
                    f"platform {self.platform.name!r}.",
                    where=option.flag,
                    hint=f"leave {option.flag} out",
                )
            )
        return name

    def _platform_option(self, option: Option, value: object) -> None:
        kinds = {a.kind for a in self.evaluator_args.values()}
        if option.evaluator is not None and option.evaluator not in kinds:
            self.problems.append(
                self._wrong_technique(option.flag, f"a {option.evaluator.value}", option.evaluator)
            )
        wrong = option.check(value)
        if wrong is not None:
            self.problems.append(wrong)

    def _homeless(self, key: str) -> MlccError:
        """The error for an option that neither this technique nor this platform knows."""
        for name, bound in self._techniques():
            for argument in bound.evaluator_args():
                if argument.option.key == key:
                    return self._wrong_technique(
                        argument.option.flag, f"a {argument.kind.value}", argument.kind
                    )
            for option in bound.technique.options:
                if option.key == key:
                    return MlccError(
                        f"{option.flag} does not apply to technique {self.technique.name!r}; "
                        f"it belongs to {name}.",
                        where=option.flag,
                        hint=f"leave {option.flag} out",
                    )
        flag = "--" + key.replace("_", "-")
        owners = [
            platform.name
            for platform in self.plugins.platforms.values()
            if any(option.key == key for option in platform.options)
        ]
        belongs = f"; it belongs to platform {' and '.join(owners)}" if owners else ""
        return MlccError(
            f"{flag} does not apply to platform {self.platform.name!r}{belongs}.",
            where=flag,
            hint=f"leave {flag} out" + (f", or pass --platform {owners[0]}" if owners else ""),
        )

    def _wrong_technique(self, flag: str, what: str, kind: EvaluatorKind) -> MlccError:
        takers = [
            name
            for name, bound in self._techniques()
            if any(argument.kind is kind for argument in bound.evaluator_args())
        ]
        own = ", ".join(a.option.flag for a in self.evaluator_args.values())
        takes = f"which takes {own}" if own else "which takes no evaluator"
        return MlccError(
            f"{flag} ({what}) does not apply to technique {self.technique.name!r}, {takes}; "
            f"it belongs to {', '.join(takers) or 'no installed technique'}.",
            where=flag,
            hint=f"leave {flag} out, or pass --technique {takers[0] if takers else '…'}",
        )

    def _techniques(self) -> Iterator[tuple[str, BoundTechnique]]:
        for name in self.plugins.techniques:
            yield name, self.plugins.technique(name)


def check_training_type(given: str | None) -> TrainingType:
    """The training type asked for; ``lora`` when none is given.

    Raises:
        MlccError: it is neither ``lora`` nor ``full-rank``.
    """
    if given in (None, "lora"):
        return "lora"
    if given == "full-rank":
        return "full-rank"
    raise MlccError(
        f"Unknown training type {given!r}: expected lora or full-rank.",
        where="--training-type",
        hint="pass --training-type lora, or --training-type full-rank",
    )


def require_recipe(plugins: Plugins, technique: BoundTechnique, platform: Platform) -> Recipe:
    """The technique's recipe for the platform.

    Raises:
        MlccError: there is none; the platforms that have one are listed.
    """
    recipe = technique.trainer(platform.name)
    if recipe is not None:
        return recipe
    able = [name for name in plugins.platforms if technique.trainer(name) is not None]
    raise MlccError(
        f"Technique {technique.name!r} cannot be trained on platform {platform.name!r}; "
        f"it can on: {', '.join(able) or 'no installed platform'}.",
        where="--platform",
        hint=f"pass --platform {able[0]}" if able else "mlcc plugins",
    )
