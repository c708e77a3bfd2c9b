"""The suites find what they are for: each broken plugin fails the test that names its fault."""

import re
import subprocess
import sys
from textwrap import dedent

import pytest

from mlcc_core import Engine, EngineTester, build_manager
from mlcc_core.testing.contracts import TechniqueContract
from mlcc_core.testing.technique import DEFAULT, FakeTechnique

TECHNIQUES = """
    import pytest
    from mlcc_core import Column, DatasetSchema, EvaluatorArg, EvaluatorKind, Option, Output, Recipe
    from mlcc_core.testing.contracts import TechniqueContract
    from mlcc_core.testing.technique import FakeTechnique

    class Suite(TechniqueContract):
        engines = ("fake",)
        formats = ("default", "converse")
        attributes = {}

        @pytest.fixture
        def technique(self):
            return type("Bad", (FakeTechnique,), self.attributes)()

    SCHEMA = FakeTechnique.schemas[0]

    class Test_the_example_is_a_valid_row(Suite):
        formats = ("default",)
        bad = DatasetSchema(SCHEMA.columns, {"prompt": "2 + 2 =", "completion": 4})
        attributes = {"schemas": (bad,)}

    class Test_columns_are_named_once_and_typed(Suite):
        formats = ("default",)
        attributes = {"schemas": (DatasetSchema((Column(" prompt"),), {" prompt": ""}),)}

    class Test_rows_of_the_step_are_valid_rows(Suite):
        training_rows = ({"prompt": "2 + 2 =", "completion": "4"}, {"prompt": "2 + 3 ="})

    class Test_other_names_of_a_column_are_not_columns(Suite):
        formats = ("default",)
        bad = (Column("prompt", also=("Completion",)), Column("completion"))
        attributes = {"schemas": (DatasetSchema(bad, SCHEMA.example),)}

    class Test_an_unknown_format_is_refused_and_named(Suite):
        formats = ("default",)
        attributes = {"mlcc_dataset_schema": lambda self, model: SCHEMA}

    class Test_an_engine_it_does_not_know_gets_no_recipe(Suite):
        attributes = {"mlcc_trainer": lambda self, engine: FakeTechnique.recipes["fake"]}

    class Test_recipes_name_hyperparameters_that_can_be_given(Suite):
        attributes = {"recipes": {"fake": Recipe("x", {"epoch": "num_epochs"})}}

    class Test_every_own_option_reaches_a_trainer(Suite):
        attributes = {
            "options": (Option("--beta", float, "how far to stray"),),
            "recipes": {"fake": Recipe("fake:Trainer", {"beta": None})},
        }

    class Test_options_are_its_own(Suite):
        attributes = {"options": (Option("--epochs", int, "epochs"),)}

    class Test_recipes_have_a_place_for_the_evaluator(Suite):
        argument = EvaluatorArg(Option("--score", str, "scores"), EvaluatorKind.FUNCTION)
        attributes = {"evaluators": (argument,)}

    class Engines(Suite):
        engines = ("trl",)
        formats = ("default",)

    class Test_trainers_take_what_recipes_give(Engines):
        attributes = {"recipes": {"trl": Recipe("trl:NoSuchTrainer")}}

    class Test_it_trains_one_step(Engines):
        attributes = {"recipes": {"trl": Recipe("trl:DPOTrainer")}}

    class Test_hooks_print_nothing(Suite):
        def answer(self, engine):
            print("asked for", engine)
            return self.recipes.get(engine)

        attributes = {"mlcc_trainer": answer}

    class Test_importing_it_is_quick(Suite):
        @pytest.fixture
        def technique(self):
            from noisy import Noisy
            return Noisy()

    class Test_a_finished_job_has_an_output(Suite):
        attributes = {"mlcc_output": lambda self, job: Output("adapter", "")}
"""

NOISY = """
print("Welcome!")
from mlcc_core.testing.technique import FakeTechnique
class Noisy(FakeTechnique):
    name = "noisy"
"""

SOURCES = """
    import io
    from dataclasses import replace
    import pytest
    from mlcc_core.testing.contracts import SourceContract
    from mlcc_core.testing.source import FakeSource

    class Suite(SourceContract):
        kind = FakeSource

        @pytest.fixture
        def source(self):
            self.fake = self.kind(self.contents_)
            return self.fake

        contents_ = {"a.jsonl": b"0123456789abc\\n", "b.jsonl": b"x\\n"}

        @pytest.fixture
        def contents(self):
            return self.contents_

        @pytest.fixture
        def uri(self):
            return "memory://"

        @pytest.fixture
        def missing_uri(self):
            return "memory://none"

        def change(self, name, data):
            self.fake.files[name] = data

    class Test_files_are_read_byte_for_byte(Suite):
        class kind(FakeSource):
            def open(self, file, access):
                return io.BytesIO(super().open(file, access).read().rstrip())

    class Test_a_change_changes_the_fingerprint_of_this_file_alone(Suite):
        class kind(FakeSource):
            def _file(self, name):
                return replace(super()._file(name), fingerprint="always")

    class Test_readers_can_seek(Suite):
        class kind(FakeSource):
            def open(self, file, access):
                class Forward(io.BytesIO):
                    def seekable(self):
                        return False
                return Forward(super().open(file, access).read())

    class Test_what_is_not_there_is_said_in_one_line(Suite):
        class kind(FakeSource):
            def list(self, uri, access):
                try:
                    return super().list(uri, access)
                except Exception:
                    raise FileNotFoundError(uri)

    class Test_two_files_that_look_the_same_are_the_same(Suite):
        contents_ = {"a.jsonl": b"0123456789abc\\n"}

        @pytest.fixture
        def other_uri(self):
            return "memory://a?rows=upper"

        class kind(FakeSource):
            def list(self, uri, access):
                listing = super().list(uri.partition("?")[0], access)
                return replace(listing, uri=uri, files=tuple(
                    replace(file, uri=f"{uri}#{file.name}") for file in listing.files
                ))

            def open(self, file, access):
                data = self.files[file.name]
                return io.BytesIO(data.upper() if "upper" in file.uri else data)

    class Test_a_secret_of_the_uri_is_not_shown(Suite):
        @pytest.fixture
        def uri(self):
            return "memory://?key=5ecret"

        @pytest.fixture
        def missing_uri(self):
            return "memory://none?key=5ecret"

        @pytest.fixture
        def secret(self):
            return "5ecret"

        class kind(FakeSource):
            def list(self, uri, access):
                listing = super().list(uri.partition("?")[0], access)
                return replace(listing, uri=uri, label=f"the dataset {uri}")
"""

PLATFORMS = """
    import contextlib, itertools
    from dataclasses import replace
    import pytest
    from mlcc_core import ManagedSpec, TrainingSpec
    from mlcc_core.testing.contracts import PlatformContract
    from mlcc_core.testing.job import FakeJob
    from mlcc_core.testing.parts.scripts import FakeScripts
    from mlcc_core.testing.platform import FakePlatform

    class Suite(PlatformContract):
        kind = FakePlatform
        look_seconds = 0.0

        @pytest.fixture
        def platform(self):
            return self.kind()

        @pytest.fixture
        def spec(self):
            taken = {"n": 2}, {"n": "--n"}
            return TrainingSpec("contract", "t", "fake:T", "m", "lora", *taken, {}, None)

        @pytest.fixture
        def evaluation(self):
            return ManagedSpec("contract", "benchmark", "m", benchmark="quiz")

    class Test_what_is_not_committed_is_not_there(Suite):
        class kind(FakePlatform):
            @contextlib.contextmanager
            def stage(self, context, key):
                with super().stage(context, key) as sink:
                    yield sink
                    sink.commit({})

    class Test_a_request_is_data_and_pure(Suite):
        class kind(FakePlatform):
            count = itertools.count()

            def build_request(self, context, spec):
                request = super().build_request(context, spec)
                request.body["token"] = next(self.count)
                return request

    class Test_a_request_reports_what_was_asked(Suite):
        class kind(FakePlatform):
            def build_request(self, context, spec):
                request = super().build_request(context, spec)
                request.body["hyperparameters"] = {}
                return request

    class Test_a_lora_job_from_the_spec_to_its_artifacts(Suite):
        class kind(FakePlatform):
            def submit(self, context, name, request):
                self.jobs.pop(name, None)
                super().submit(context, name, request)

    class Test_a_job_that_is_not_there(Suite):
        class kind(FakePlatform):
            def stop(self, context, name):
                pass

    class Test_a_job_that_is_asked_to_stop(Suite):
        class kind(FakePlatform):
            def stop(self, context, name):
                FakeJob.named(self.jobs, name).course = ("stopping", "completed", "stopped")
                self.jobs[name].looks = 0

    class Test_an_adapter_stands_until_it_is_removed(Suite):
        class kind(FakePlatform):
            def deployed(self, context):
                there = super().deployed(context)
                return [replace(item, source=f"/fetched/{item.name}") for item in there]

            def holds(self, context, name, weights):
                return True

    class Scripts(Suite):
        part = FakeScripts

        @pytest.fixture
        def platform(self):
            platform = FakePlatform()
            platform.runs_scripts = self.part()
            return platform

    class Test_a_scripts_request_reports_what_was_asked(Scripts):
        class part(FakeScripts):
            def build_request(self, context, spec):
                request = super().build_request(context, spec)
                request.body["hyperparameters"] = {}
                return request

    class Test_data_that_is_not_there_is_refused(Scripts):
        class part(FakeScripts):
            def build_request(self, context, spec):
                return super().build_request(context, replace(spec, inputs={}))

    class Test_a_script_from_the_spec_to_its_output(Scripts):
        class part(FakeScripts):
            def reported(self, context, name, runner):
                return replace(super().reported(context, name, runner), checksum="other")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "count"),
    [(TECHNIQUES, 15), (SOURCES, 6), (PLATFORMS, 10)],
    ids=["techniques", "sources", "platforms"],
)
def test_every_fault_is_found_by_the_test_of_its_name(tmp_path, code, count):
    (tmp_path / "noisy.py").write_text(NOISY)
    path = tmp_path / "test_bad.py"
    path.write_text(dedent(code))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rfE", "-p", "no:cacheprovider", path.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    failed = set(re.findall(r"^FAILED .*::Test_(\w+)::test_(\w+)", done.stdout, re.MULTILINE))
    classes = re.findall(r"class Test_(\w+)\(\w+\)", code)
    assert len(classes) == count
    assert {(name, name) for name in classes} <= failed, done.stdout
    errors = set(re.findall(r"^ERROR .*::Test_(\w+)::", done.stdout, re.MULTILINE))
    assert errors <= {"options_are_its_own"}, done.stdout  # refused wherever it is registered


class Trained(EngineTester):
    """A tester of an engine that keeps the rows which it is to train."""

    def absent(self):
        return None

    def faults(self, recipe, names):
        return ()

    def train_one_step(self, recipe, rows, folder):
        self.rows = list(rows)


ROWS = ({"prompt": "2 + 2 =", "completion": "4"}, {"prompt": "2 + 3 =", "completion": "5"})


@pytest.mark.parametrize(("given", "trained"), [((), [DEFAULT.example]), (ROWS, list(ROWS))])
def test_the_step_is_trained_on_the_rows_of_the_suite_else_on_the_example(tmp_path, given, trained):
    bound = build_manager([FakeTechnique()]).technique("fake")
    suite = type("Suite", (TechniqueContract,), {"training_rows": given})()
    tester = Trained()
    schemas = list(FakeTechnique.schemas)
    suite.test_it_trains_one_step(bound, schemas, [(Engine("fake", {}), tester)], tmp_path)
    assert tester.rows == trained
