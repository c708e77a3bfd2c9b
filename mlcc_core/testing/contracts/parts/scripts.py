"""The contract of every part that runs scripts of users, as tests."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from mlcc_core.actions.tune.job.proof import script_differences
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.values import Context
from mlcc_core.contract.script.files import files_checksum
from mlcc_core.contract.script.running import ScriptRunner
from mlcc_core.contract.script.spec import ScriptSpec
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.testing.contracts.parts.part import PartContract

SOURCE = """
import argparse
import os
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("--greeting")
given = parser.parse_args()
rows = sorted(path.name for path in pathlib.Path(os.environ["SM_CHANNEL_TRAIN"]).iterdir())
print(given.greeting, *rows)
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(given.greeting)
"""


class ScriptContract(PartContract):
    """Subclass it, give ``scripts`` and ``runner`` (of the same platform).

    The last test really runs a script, which is done at once.

    Attributes:
        patience: seconds that a job may take to its end.
        look_seconds: between two looks at it.
    """

    patience: ClassVar[float] = 120.0
    look_seconds: ClassVar[float] = 0.5

    @pytest.fixture
    def scripts(self) -> ScriptRunner:
        """Return the part under test."""
        raise NotImplementedError("a subclass of ScriptContract gives the fixture `scripts`")

    @pytest.fixture
    def runner(self) -> JobRunner:
        """Return the job runner of the same platform."""
        raise NotImplementedError("a subclass of ScriptContract gives the fixture `runner`")

    @pytest.fixture
    def script(self, tmp_path: Path, context: Context, scripts: ScriptRunner) -> ScriptSpec:
        """Return a small script with a hyperparameter and a channel of one file."""
        file, rows = tmp_path / "contract_script.py", tmp_path / "rows" / "rows.jsonl"
        file.write_text(SOURCE)
        rows.parent.mkdir()
        rows.write_bytes(self.rows)
        return ScriptSpec(
            project=context.project,
            script=str(file),
            checksum=files_checksum({file.name: file}),
            hyperparameters={"greeting": "good morning"},
            inputs={"train": str(rows.parent)},
        )

    def test_a_scripts_request_is_data_and_pure(
        self, scripts: ScriptRunner, context: Context, script: ScriptSpec
    ) -> None:
        """A request body is JSON, the same for the same spec; building it leaves nothing behind."""
        before = sorted(context.root.rglob("*"))
        body = scripts.build_request(context, script).body
        assert json.loads(json.dumps(body, allow_nan=False)) == body
        assert scripts.build_request(context, script).body == body
        assert sorted(context.root.rglob("*")) == before

    def test_a_scripts_request_reports_what_was_asked(
        self, scripts: ScriptRunner, context: Context, script: ScriptSpec
    ) -> None:
        """The body alone tells all that the spec asks for: it is compared before any job."""
        reported = scripts.read_spec(scripts.build_request(context, script).body)
        assert not script_differences(script, reported)

    def test_other_scripts_make_other_requests(
        self, scripts: ScriptRunner, context: Context, script: ScriptSpec
    ) -> None:
        """Another content or another word is seen in the body, so that no job passes for it."""

        def reported(spec: ScriptSpec) -> object:
            return scripts.read_spec(scripts.build_request(context, spec).body)

        assert reported(script) != reported(replace(script, checksum="0" * 64))
        assert reported(script) != reported(replace(script, hyperparameters={"greeting": "good"}))

    def test_data_that_is_not_there_is_refused(
        self, scripts: ScriptRunner, context: Context, script: ScriptSpec
    ) -> None:
        """A channel of a path without files is refused in one line, before any job."""
        missing = str(context.root / "no-such-folder")
        with pytest.raises(MlccError) as caught:
            scripts.build_request(context, replace(script, inputs={"train": missing}))
        assert "\n" not in caught.value.what

    def test_a_script_from_the_spec_to_its_output(
        self,
        scripts: ScriptRunner,
        runner: JobRunner,
        context: Context,
        script: ScriptSpec,
        unique: str,
    ) -> None:
        """A job is created once, says what it runs, completes, and names what the script left."""
        name = f"contract-script-{unique}-1"
        request = scripts.build_request(context, script)
        runner.submit(context, name, request)
        assert list(runner.list_jobs(context, name.removesuffix("-1"))) == [name]
        with pytest.raises(PlatformError):
            runner.submit(context, name, request)
        state = self.ended(runner, context, name)
        assert state.status == "completed", state.reason
        assert state.artifacts
        assert state.reported is None, "it says that it trains something"
        reported = scripts.reported(context, name, runner)
        assert reported in (None, scripts.read_spec(request.body))
        list(runner.logs(context, name, follow=False))
        runner.stop(context, name)
        assert runner.describe(context, name).status == "completed"

    def ended(self, runner: JobRunner, context: Context, name: str) -> JobState:
        """Return the state of a job once it has ended."""
        end = time.monotonic() + self.patience
        while not (state := runner.describe(context, name)).final:
            assert time.monotonic() < end, f"the job is still {state.status}"
            time.sleep(self.look_seconds)
        return state
