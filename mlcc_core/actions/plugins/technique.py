"""The checks of a technique: its schema, its example, its recipes as the platforms take them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mlcc_core.actions.context import NO_PROJECT, build_context
from mlcc_core.actions.plugins.line import PluginCheck
from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.tune.plan.dataset import dataset_job
from mlcc_core.contract.job import TrainingSpec
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.source import Access
from mlcc_core.contract.technique.recipe import Engine, Recipe, Refusal
from mlcc_core.contract.technique.schema import DatasetSchema, TargetModel
from mlcc_core.contract.technique.tester import load_tester
from mlcc_core.errors import MlccError, Problems
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.loader.manager import Plugins
from mlcc_core.staging import DatasetJob, check

MODEL = TargetModel("some/model")


def technique_checks(plugins: Plugins, name: str) -> Iterator[PluginCheck]:
    """Look at what the technique ``name`` answers."""
    technique = plugins.technique(name)
    flags = [option.flag for option in technique.technique.options]
    flags += [argument.option.flag for argument in plugins.evaluators[name]]
    yield PluginCheck("flags", "ok", ", ".join(flags) or "none of its own")
    yield from _examples(plugins, technique)
    trained = False
    for platform in plugins.platforms.values():
        for engine in platform.engines:
            for found in _recipe(plugins, technique, platform, engine):
                trained = trained or found.state == "ok"
                yield found
    if not trained:
        yield PluginCheck("recipes", "failed", "no installed platform trains it")


def _examples(plugins: Plugins, technique: BoundTechnique) -> Iterator[PluginCheck]:
    """Check the example of each form of the technique's datasets, a line each."""
    name = "example row"
    try:
        forms = technique.dataset_forms(MODEL)
    except MlccError as error:
        yield PluginCheck(name, "failed", error.what, error.hint)
        return
    for form in forms:
        title = f"{name} of form {form.format!r}" if len(forms) > 1 else name
        yield _example(plugins, technique, form, title)


def _example(
    plugins: Plugins, technique: BoundTechnique, schema: DatasetSchema, name: str
) -> PluginCheck:
    """Check the example of a form as ``mlcc check`` checks a dataset of one row of that form."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "example.jsonl"
            path.write_text(json.dumps(schema.example, allow_nan=False) + "\n", encoding="utf-8")
            report = check(_job(plugins, technique, schema, path))
    except Problems as error:
        return PluginCheck(name, "failed", error.problems[0].what)
    except MlccError as error:
        return PluginCheck(name, "failed", error.what, error.hint)
    except (TypeError, ValueError) as error:
        return PluginCheck(name, "failed", f"the example is not JSON: {error}")
    if report.ok:
        return PluginCheck(name, "ok", ", ".join(column.name for column in schema.columns))
    errors = [f"{e.column or 'the row'}: {e.said}" for e in report.errors]
    return PluginCheck(name, "failed", errors[0] if errors else "it is not a valid row")


def _job(
    plugins: Plugins, technique: BoundTechnique, schema: DatasetSchema, path: Path
) -> DatasetJob:
    """Describe a file of a form: found by its columns, else named as the catalog names forms."""
    request, access = CheckRequest(technique.name, str(path)), Access()
    job = dataset_job(plugins, access, request, technique, MODEL, named_only=False)
    if job.schema.format == schema.format:
        return job
    named = replace(MODEL, dataset_format=schema.format)
    return dataset_job(plugins, access, request, technique, named, named_only=True)


def _recipe(
    plugins: Plugins, technique: BoundTechnique, platform: Platform, engine: Engine
) -> Iterator[PluginCheck]:
    """Let the platform judge the recipe: it describes a job without a dataset."""
    name = f"recipe for {engine.name} on {platform.name}"
    try:
        recipe = technique.trainer(engine.name)
        if isinstance(recipe, Refusal):
            yield PluginCheck(name, "warning", f"refused: {recipe.reason}", recipe.hint)
        if not isinstance(recipe, Recipe):
            return
        faults, told = _faults(plugins, technique, platform, engine, recipe)
    except Problems as error:
        yield PluginCheck(name, "failed", "; ".join(p.what for p in error.problems))
    except MlccError as error:
        yield PluginCheck(name, "failed", error.what, error.hint)
    else:
        found = "; ".join(faults) or recipe.trainer + ("" if told else "; not tried")
        yield PluginCheck(name, "failed" if faults else "ok", found)


def _faults(
    plugins: Plugins,
    technique: BoundTechnique,
    platform: Platform,
    engine: Engine,
    recipe: Recipe,
) -> tuple[Sequence[str], bool]:
    """Return what a platform has against a recipe, and whether it can tell.

    Raises:
        MlccError: the platform cannot describe a job by this recipe.
    """
    context = build_context(plugins, None, name=NO_PROJECT, say=lambda line: None)
    own = {option.key for option in technique.technique.options}
    names = recipe.names(engine, own)
    asked = {key: name for key, name in names.items() if key in {*own, *recipe.hyperparameters}}
    tester = load_tester(engine)
    if tester is None or tester.absent() is not None:
        faults = None
    else:
        faults = tester.faults(recipe, set(asked.values()))
    lacking = any(
        setting.required and not context.settings.get(setting.variable)
        for setting in platform.settings
    )
    if (
        faults
        or lacking  # then it describes no job, whatever the recipe
        or platform.default_model is None
        or plugins.evaluators[technique.name]
    ):
        return faults or (), faults is not None
    platform.runner.build_request(context, _spec(technique, platform, engine, recipe))
    return (), faults is not None


def _spec(
    technique: BoundTechnique, platform: Platform, engine: Engine, recipe: Recipe
) -> TrainingSpec:
    return TrainingSpec(
        project=NO_PROJECT,
        technique=technique.name,
        trainer=recipe.trainer,
        model=platform.default_model or "",
        training_type="lora",
        hyperparameters={},
        hyperparameter_flags={},
        trainer_settings=recipe.settings,
        dataset=None,
        evaluator_argument=recipe.evaluator_argument,
        engine=engine.name,
        rows=recipe.rows,
    )
