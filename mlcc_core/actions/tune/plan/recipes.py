"""The engine and recipe that train a technique on a platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.technique.recipe import Engine, Recipe, Refusal
from mlcc_core.errors import MlccError
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.loader.manager import Plugins


@dataclass(frozen=True)
class ChosenRecipe:
    """A recipe with its engine.

    Attributes:
        engine: one that the platform runs.
        recipe: the technique's for it.
        names: the engine's name of every hyperparameter that can be set, by its key in mlcc.
    """

    engine: Engine
    recipe: Recipe
    names: Mapping[str, str]


def find_recipe(technique: BoundTechnique, platform: Platform) -> ChosenRecipe | Refusal | None:
    """Return the recipe for the first of the platform's engines that the technique has one for.

    Returns:
        The first refusal where no engine has a recipe and one was refused; ``None`` where the
        technique knows no engine of the platform.
    """
    refusal: Refusal | None = None
    for engine in platform.engines:
        answer = technique.trainer(engine.name)
        if isinstance(answer, Recipe):
            keys = (option.key for option in technique.technique.options)
            return ChosenRecipe(engine, answer, answer.names(engine, keys))
        refusal = refusal or answer
    return refusal


def reading_recipe(
    technique: BoundTechnique, platform: Platform, values: Mapping[str, object]
) -> Recipe | None:
    """Return the recipe for a platform with the options that say how rows are read.

    Args:
        technique: its hooks.
        platform: that trains it.
        values: of options, by key; those that say something else are left aside.

    Returns:
        ``None`` where no engine of the platform has one.
    """
    chosen = find_recipe(technique, platform)
    if not isinstance(chosen, ChosenRecipe):
        return None
    settings = {
        chosen.names.get(option.key, option.key): values[option.key]
        for option in technique.technique.options
        if option.reads_rows and option.key in values
    }
    recipe = chosen.recipe
    return replace(recipe, settings={**recipe.settings, **settings}) if settings else recipe


def require_recipe(
    plugins: Plugins, request: TuneRequest, technique: BoundTechnique, platform: Platform
) -> ChosenRecipe:
    """Return the technique's recipe for the platform.

    Raises:
        MlccError: there is none, or the technique refuses; the platforms with one are listed.
    """
    found = find_recipe(technique, platform)
    if isinstance(found, ChosenRecipe):
        return found
    able = [name for name, other in plugins.platforms.items() if _trains(technique, other)]
    what = (
        f"Technique {technique.name!r} cannot be trained on platform {platform.name!r}; "
        f"it can on: {', '.join(able) or 'no installed platform'}."
    )
    if isinstance(found, Refusal):
        what = f"Technique {technique.name!r} refuses platform {platform.name!r}: {found.reason}"
    elsewhere = request.command_line(platform=able[0]) if able else "mlcc plugins"
    hint = found.hint if isinstance(found, Refusal) else None
    raise MlccError(what, where="--platform", hint=hint or elsewhere)


def _trains(technique: BoundTechnique, platform: Platform) -> bool:
    """Return whether a platform trains the technique; one that fails to say does not."""
    try:
        return isinstance(find_recipe(technique, platform), ChosenRecipe)
    except MlccError:
        return False
