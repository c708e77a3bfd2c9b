"""The contract of every technique, as tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar, get_args

import pytest

from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.tune.plan.dataset import dataset_job
from mlcc_core.actions.tune.plan.request import HYPERPARAMETERS
from mlcc_core.contract.job import TRAINING_TYPES, Job, TrainingType
from mlcc_core.contract.options import EvaluatorArg
from mlcc_core.contract.source import Access
from mlcc_core.contract.technique.recipe import Recipe
from mlcc_core.contract.technique.schema import Column, ColumnType, DatasetSchema, TargetModel
from mlcc_core.contract.technique.technique import Technique
from mlcc_core.errors import MlccError
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.loader.manager import build_manager
from mlcc_core.staging import check
from mlcc_core.testing.contracts.recipes import RecipeContract, name_of
from mlcc_core.testing.contracts.weight import check_import
from mlcc_core.testing.source import FakeSource
from mlcc_core.testing.technique import FakeTechnique

MODEL = TargetModel("some/model")
TYPES = frozenset(get_args(ColumnType))


class Neighbour(FakeTechnique):
    """Registered after the technique under test, so that it would win a careless call."""

    name = "neighbour_of_the_contract"


class TechniqueContract(RecipeContract):
    """Subclass it, give ``technique`` and ``engines``.

    Attributes:
        engines: the engines that the technique has recipes for: names of those that an installed
            platform runs, or :class:`~mlcc_core.Engine` objects.
        formats: the dataset formats that it knows.
        training_rows: rows of the first format for the step of training, where a trainer needs
            rows that differ; by default copies of the example.
    """

    formats: ClassVar[tuple[str, ...]] = ("default",)

    @pytest.fixture
    def technique(self) -> Technique:
        """Return the technique under test."""
        raise NotImplementedError("a subclass of TechniqueContract gives the fixture `technique`")

    @pytest.fixture
    def bound(self, technique: Technique) -> BoundTechnique:
        """Return the technique as the framework calls it: by its hooks, beside another one."""
        return build_manager([technique, Neighbour()]).technique(technique.name)

    @pytest.fixture
    def schemas(self, bound: BoundTechnique) -> list[DatasetSchema]:
        """Its schema in every format."""
        return [bound.dataset_schema(TargetModel("some/model", name)) for name in self.formats]

    @pytest.fixture
    def recipes(self, bound: BoundTechnique) -> list[Recipe]:
        """Its recipe for every engine."""
        assert self.engines, "name at least one engine in `engines`"
        found = {name: bound.trainer(name) for name in map(name_of, self.engines)}
        recipes = [recipe for recipe in found.values() if isinstance(recipe, Recipe)]
        assert len(recipes) == len(found), f"an engine without a recipe: {found}"
        return recipes

    # --- dataset ---------------------------------------------------------------------------

    def test_every_format_has_a_schema_of_that_name(self, schemas: list[DatasetSchema]) -> None:
        """The schemas are those of ``formats``, in that order."""
        assert tuple(schema.format for schema in schemas) == self.formats

    def test_columns_are_named_once_and_typed(self, schemas: list[DatasetSchema]) -> None:
        """Each column has a name of its own, and types that mlcc knows."""
        for schema in schemas:
            names = [column.name for column in schema.columns]
            assert len(set(names)) == len(names) > 0
            assert all(name.strip() == name != "" for name in names)
            assert all(column.types and set(column.types) <= TYPES for column in schema.columns)
            assert schema.required, "no column is required: any dataset would do"

    def test_the_example_is_a_valid_row(
        self, technique: Technique, schemas: list[DatasetSchema]
    ) -> None:
        """Each example is read, checked by all rules and kept, as a dataset of that one row."""
        for schema in schemas:
            _check_rows(technique, schema, [schema.example], "the example")

    def test_rows_of_the_step_are_valid_rows(
        self, technique: Technique, schemas: list[DatasetSchema]
    ) -> None:
        """Each of ``training_rows`` is read, checked by all rules of the first format and kept."""
        if self.training_rows:
            _check_rows(technique, schemas[0], self.training_rows, "training_rows")

    def test_other_names_of_a_column_are_not_columns(self, schemas: list[DatasetSchema]) -> None:
        """Names that datasets have for a column (``also``) are not columns of the same schema."""
        for schema in schemas:
            names = {column.name.casefold() for column in schema.columns}
            also = [name for column in schema.columns for name in column.also]
            both = [name for name in also if name.casefold() in names]
            assert not both, f"columns of {schema.format!r}, and other names of columns: {both}"

    def test_an_unknown_format_is_refused_and_named(self, bound: BoundTechnique) -> None:
        """A format that it does not know is an error that names it."""
        with pytest.raises(MlccError, match="no_such_format"):
            bound.dataset_schema(TargetModel("some/model", "no_such_format"))

    def test_only_plain_text_is_flattened(
        self, bound: BoundTechnique, schemas: list[DatasetSchema]
    ) -> None:
        """Flattening is for columns that hold plain text alone."""
        for schema in schemas:
            for name in bound.flatten_rules(schema).columns:
                column = _column(schema, name)
                assert column.types == ("string",), f"{name} may hold something else than text"
                assert not column.evaluator, f"{name} names an evaluator, which is not text"

    # --- options and evaluators ------------------------------------------------------------

    def test_options_are_its_own(self, technique: Technique) -> None:
        """Its flags are well made, and none is mlcc's own: registration refuses others."""
        build_manager([technique])

    def test_refused_options_say_what_to_use_instead(self, technique: Technique) -> None:
        """A shared flag that it refuses has a replacement."""
        general = {option.key for option in HYPERPARAMETERS}
        assert technique.refused_options.keys() <= general
        assert all(instead.strip() for instead in technique.refused_options.values())

    def test_evaluators_name_columns_of_the_schema(
        self, bound: BoundTechnique, schemas: list[DatasetSchema]
    ) -> None:
        """Each column that names evaluators is that of an evaluator of its own."""
        arguments: tuple[EvaluatorArg, ...] = bound.evaluator_args()
        for schema in schemas:
            marked = {column.name for column in schema.columns if column.evaluator}
            assert marked <= {argument.column for argument in arguments}

    # --- training --------------------------------------------------------------------------

    def test_recipes_are_data(self, recipes: list[Recipe]) -> None:
        """A recipe names a trainer, and can be written down."""
        for recipe in recipes:
            assert recipe.trainer.strip()
            json.dumps([dict(recipe.hyperparameters), dict(recipe.settings)], allow_nan=False)

    def test_recipes_name_hyperparameters_that_can_be_given(
        self, technique: Technique, recipes: list[Recipe]
    ) -> None:
        """A recipe renames flags that exist, to names of their own."""
        known = {option.key for option in (*HYPERPARAMETERS, *technique.options)}
        for recipe in recipes:
            assert recipe.hyperparameters.keys() <= known
            assert not recipe.hyperparameters.keys() & technique.refused_options.keys()
            names = [name for name in recipe.hyperparameters.values() if name is not None]
            assert len(set(names)) == len(names), f"two hyperparameters share a name: {names}"
            assert not set(names) & recipe.settings.keys(), "a setting that the user may set too"

    def test_every_own_option_reaches_a_trainer(
        self, technique: Technique, recipes: list[Recipe]
    ) -> None:
        """Each flag of its own has a place in a recipe."""
        for option in technique.options:
            names = [recipe.hyperparameters.get(option.key, option.key) for recipe in recipes]
            assert any(names), f"no recipe takes {option.flag}"

    def test_recipes_have_a_place_for_the_evaluator(
        self, bound: BoundTechnique, recipes: list[Recipe]
    ) -> None:
        """A technique with evaluators says how its trainer takes them."""
        for recipe in recipes:
            assert bool(recipe.evaluator_argument) == bool(bound.evaluator_args())

    def test_an_engine_it_does_not_know_gets_no_recipe(self, bound: BoundTechnique) -> None:
        """An engine that it does not know is answered with ``None``."""
        assert bound.trainer("no_such_engine") is None

    def test_the_answers_do_not_change(self, bound: BoundTechnique) -> None:
        """Asked again, it answers the same."""
        assert bound.dataset_schema(MODEL) == bound.dataset_schema(MODEL)
        assert bound.evaluator_args() == bound.evaluator_args()
        for engine in map(name_of, self.engines):
            assert bound.trainer(engine) == bound.trainer(engine)

    # --- output ----------------------------------------------------------------------------

    @pytest.mark.parametrize("training_type", TRAINING_TYPES)
    def test_a_finished_job_has_an_output(
        self, bound: BoundTechnique, training_type: TrainingType
    ) -> None:
        """A finished job leaves an adapter or a model, by its training type."""
        for engine in map(name_of, self.engines):
            job = Job("name", engine, bound.name, "some/model", training_type, "place/of/artifacts")
            output = bound.output(job)
            assert output.kind in ("adapter", "model")
            assert output.path.strip()

    # --- weight ----------------------------------------------------------------------------

    def test_importing_it_is_quick(self, technique: Technique) -> None:
        """Importing it loads nothing heavy, takes no second and prints nothing."""
        check_import(technique)

    def test_hooks_print_nothing(
        self, technique: Technique, schemas: list[DatasetSchema], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Standard output belongs to results: a hook that prints would spoil them."""
        capsys.readouterr()
        technique.mlcc_dataset_schema(TargetModel("some/model", self.formats[0]))
        technique.mlcc_evaluator_args()
        for schema in schemas:
            technique.mlcc_flatten_rules(schema)
        for engine in map(name_of, self.engines):
            technique.mlcc_trainer(engine)
            technique.mlcc_output(
                Job("name", engine, technique.name, "some/model", "lora", "place")
            )
        assert capsys.readouterr().out == ""


def _check_rows(
    technique: Technique, schema: DatasetSchema, rows: Sequence[Mapping[str, object]], what: str
) -> None:
    lines = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
    plugins = build_manager([technique, FakeSource({"rows.jsonl": lines.encode()})])
    job = dataset_job(
        plugins,
        Access({}),
        CheckRequest(technique.name, "memory://rows.jsonl"),
        plugins.technique(technique.name),
        TargetModel("some/model", schema.format),
        named_only=True,
    )
    report = check(job)
    assert report.ok, f"{what} of {schema.format!r}: {report.errors}"
    assert not report.dropped, f"not columns of {schema.format!r}: {report.dropped}"


def _column(schema: DatasetSchema, name: str) -> Column:
    column = schema.column(name)
    assert column is not None, f"{name} is not a column of the schema"
    return column
