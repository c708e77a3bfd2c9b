"""A run is measured where enough of its rows are held out; else it is said how they are."""

from __future__ import annotations

import shlex

import pytest

from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
from mlcc_core.actions.tune.job.next_steps import next_steps
from mlcc_core.contract.job import Ancestor, Output
from tests.mlcc_core.world import World


def steps(
    world: World, *, held_out: float | None, rows: int, start: str | None = None
) -> tuple[str, ...]:
    """The steps after a run of so many rows, some of which were held out."""
    record = world.record(world.tune(force=start is not None).job)
    found = record.model_copy(
        update={
            "validation_uri": "fake://validation",
            "metrics": {} if held_out is None else {"held_out_rows": held_out},
            "rows": rows,
            "lineage": [Ancestor("adapter", "fake://start", "1", start)] if start else [],
            "command": "./do/tune --technique fake --validation 5 --dataset 'my rows.jsonl'",
        }
    )
    session = world.session()
    job = job_of(session, record)
    output = Output("adapter", f"fake://artifacts/{record.job}")
    return next_steps(world.project, world.platform, session.context, job, output, found).commands


@pytest.mark.parametrize("held_out", [20.0, 300.0, None])
def test_enough_rows_are_measured(world: World, held_out: float | None) -> None:
    found = steps(world, held_out=held_out, rows=100)
    assert [step for step in found if "evaluate" in step]
    assert not [step for step in found if "./do/tune" in step]


def test_too_few_rows_are_made_more(world: World) -> None:
    found = steps(world, held_out=5.0, rows=60)
    assert not [step for step in found if "evaluate" in step]
    (again,) = [step for step in found if step.startswith("./do/tune")]
    assert shlex.split(again, comments=True) == [
        *("./do/tune", "--technique", "fake", "--dataset", "my rows.jsonl"),
        *("--validation", "20", "--force"),
    ]


def test_a_run_whose_start_was_removed_is_not_to_be_made_again(world: World) -> None:
    start = world.tune(values={"epochs": 2}).job
    before = steps(world, held_out=5.0, rows=60, start=start)
    assert [step for step in before if step.startswith("./do/tune")]
    remove_runs(world.session(), RemoveRunsRequest((start,), assume_yes=True))
    after = steps(world, held_out=5.0, rows=60, start=start)
    assert not [step for step in after if step.startswith("./do/tune")]


def test_a_small_dataset_cannot_spare_more(world: World) -> None:
    found = steps(world, held_out=5.0, rows=12)
    assert not [step for step in found if "evaluate" in step or "./do/tune" in step]


def test_an_adapter_of_another_run_is_replaced(world: World) -> None:
    assert "./do/adapter add tuned-fake --from-tune fake" in steps(world, held_out=None, rows=9)
    other = world.tune(values={"epochs": 2}, force=True).output.path
    world.platform.add_adapter(world.session().context, "tuned-fake", other)
    assert "./do/adapter update tuned-fake --from-tune fake" in steps(world, held_out=None, rows=9)


def test_the_same_adapter_is_added(world: World) -> None:
    same = world.tune().output.path
    world.platform.add_adapter(world.session().context, "tuned-fake", same)
    assert "./do/adapter add tuned-fake --from-tune fake" in steps(world, held_out=None, rows=9)
