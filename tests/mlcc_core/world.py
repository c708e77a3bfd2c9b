"""A project with fakes around it, and what a user would do in it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.session import Session, open_session
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.actions.tune.run import TuneResult, tune
from mlcc_core.contract.job import JobState
from mlcc_core.contract.options import EvaluatorArg, EvaluatorKind, Option
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.technique.recipe import Engine, Recipe
from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.project.new_project import create_project
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, read_record
from mlcc_core.staging import StagingProgress
from mlcc_core.testing.platform import ENGINE, FakePlatform
from mlcc_core.testing.technique import FakeTechnique
from mlcc_file import plugin as file_source

ROWS = [{"prompt": f"{i} + 1 =", "completion": str(i + 1)} for i in range(12)]


RECIPE = dataclasses.replace(
    FakeTechnique.recipes["fake"],
    hyperparameters={
        "samples": "num_samples",
        "longest_prompt": "max_prompt",
    },
)


class First(FakeTechnique):
    """The technique ``fake``, which two platforms train."""

    recipes: ClassVar[dict[str, Recipe]] = {"fake": RECIPE, "elsewhere": RECIPE}


class Second(First):
    """Another technique of the same kind."""

    name: ClassVar[str] = "second"
    also: ClassVar[tuple[str, ...]] = ("tuning",)


class Scored(First):
    """A technique with an evaluator, and an option of its own."""

    name: ClassVar[str] = "scored"
    schemas: ClassVar[tuple[DatasetSchema, ...]] = (
        DatasetSchema(
            columns=(
                Column("prompt", part="prompt"),
                Column("reward_model", ("string", "object"), evaluator=True, note="a scorer"),
            ),
            example={"prompt": "2 + 2 =", "reward_model": "scorer.py"},
            keep_other_columns=True,
        ),
    )
    evaluators: ClassVar[tuple[EvaluatorArg, ...]] = (
        EvaluatorArg(
            Option("--scorer", str, "What scores replies", "FILE"), EvaluatorKind.FUNCTION
        ),
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option("--samples", int, "Replies a prompt", minimum=1, maximum=64),
        Option("--longest-prompt", int, "Longest prompt", minimum=1, limits="prompt"),
    )
    refused_options: ClassVar[dict[str, str]] = {"max_seq_length": "--samples"}


class Elsewhere(FakePlatform):
    """Another platform, with an option of its own and nothing that runs prompts."""

    name: ClassVar[str] = "elsewhere"
    title: ClassVar[str] = "Elsewhere"
    engines: ClassVar[tuple[Engine, ...]] = (Engine("elsewhere", ENGINE.hyperparameters),)
    default: ClassVar[bool] = False
    options: ClassVar[tuple[Option, ...]] = (
        Option("--queue", str, "Where jobs wait", choices=("slow", "fast")),
        Option("--patience", float, "How long", evaluator=EvaluatorKind.PROMPT),
        Option("--most-wrong", int, "How many", evaluator=tuple(EvaluatorKind)),
        Option("--label", str, "For the bill", "K=V", decides=False, repeated=True),
    )


class Heard(Reporter):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.states: list[JobState] = []
        self.progress: list[StagingProgress] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def job(self, state: JobState) -> None:
        self.states.append(state)

    def staging(self, progress: StagingProgress) -> None:
        self.progress.append(progress)


class Events:
    """A plugin that hears every event."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def mlcc_job_submitted(self, job: Any) -> None:
        self.heard.append(f"submitted {job.name}")

    def mlcc_job_progress(self, job: Any, progress: Any) -> None:
        self.heard.append(f"progress {progress.step}")

    def mlcc_job_finished(self, job: Any, output: Any) -> None:
        self.heard.append(f"finished {output.path if output else None}")


@dataclass
class World:
    """Fakes that outlive sessions, as a real platform does."""

    root: Path
    platform: FakePlatform = field(default_factory=FakePlatform)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    events: Events = field(default_factory=Events)
    heard: Heard = field(default_factory=Heard)

    @property
    def nouns(self) -> list[object]:
        techniques = (First(), Second(), Scored())
        return [*techniques, self.platform, self.elsewhere, file_source, self.events]

    @property
    def plugins(self) -> Plugins:
        return build_manager(self.nouns, disable="")

    @property
    def project(self) -> Project:
        return Project(self.root)

    def session(self, platform: str | None = None) -> Session:
        return open_session(
            platform=platform, project=self.project, plugins=self.plugins, say=self.heard.say
        )

    def request(self, **given: Any) -> TuneRequest:
        given = {"technique": "fake", "dataset": str(self.root / "train.jsonl"), **given}
        return TuneRequest(**given)

    def tune(self, **given: Any) -> TuneResult:
        session = self.session(given.get("platform"))
        return tune(session, self.request(**given), self.heard)

    def refused(self, **given: Any) -> MlccError:
        with pytest.raises(MlccError) as caught:
            self.tune(**given)
        return caught.value

    def write(self, name: str, rows: list[dict[str, Any]]) -> str:
        path = self.root / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    def variable(self, name: str) -> str | None:
        return self.project.config().get(name)

    def record(self, job: str) -> RunRecord:
        record = read_record(self.project, job)
        assert record is not None
        return record

    def jobs(self, platform: Platform | None = None) -> list[str]:
        return sorted((platform or self.platform).jobs)


def make_world(root: Path) -> World:
    """A new project in ``root``, with a dataset."""
    world = World(root)
    create_project(root, world.plugins, name="proj")
    world.write("train.jsonl", ROWS)
    return world
