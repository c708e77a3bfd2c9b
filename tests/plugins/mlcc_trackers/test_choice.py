"""The tracker of a run: named, remembered, refused before the job, left to a platform."""

from __future__ import annotations

from mlcc_core import Context, build_manager
from mlcc_core.actions.tune.job.status import job_rows
from mlcc_core.helpers import install_command
from mlcc_trackers import choice
from mlcc_trackers.mlflow import MlflowTracker
from mlcc_trackers.tracker import TrackedRun
from mlcc_trackers.trackio import TrackioTracker
from mlcc_trackers.wandb import WandbTracker
from tests.mlcc_core.world import World
from tests.plugins.mlcc_trackers.conftest import new_process, tracked


def test_an_unknown_name_is_refused_with_the_known_ones(world: World):
    error = world.refused(values={"tracker": "mlfow"})
    assert error.what == (
        "--tracker 'mlfow' is not allowed: expected one of mlflow, wandb, trackio, tensorboard, "
        "none."
    )
    assert world.jobs() == []


def test_a_missing_package_is_told_before_the_job(world: World, monkeypatch):
    monkeypatch.setattr(TrackioTracker, "module", "no_such_package")
    error = world.refused(values={"tracker": "trackio"})
    assert error.what == "--tracker trackio needs the Python package 'no_such_package'."
    assert error.hint == install_command("trackio")
    assert world.jobs() == []


def test_a_missing_package_stops_no_run_that_names_no_tracker(world: World, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setattr(MlflowTracker, "module", "no_such_package")
    assert world.tune().state.status == "completed"
    assert tracked(world) == [
        "⚠️  MLFLOW_TRACKING_URI is set, and mlflow is not installed: "
        + install_command("mlcc[track]")
    ]


def test_mlflow_needs_an_address(world: World):
    error = world.refused(values={"tracker": "mlflow"})
    assert error.what == "--tracker mlflow needs MLFLOW_TRACKING_URI, the address of a server."
    assert error.hint.startswith("export MLFLOW_TRACKING_URI=")


def test_wandb_needs_a_key_unless_it_is_offline(world: World, monkeypatch, tmp_path):
    monkeypatch.setattr(WandbTracker, "module", "json")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert "logged in" in world.refused(values={"tracker": "wandb"}).what
    settings = Context(tmp_path, "p", options={"tracker": "wandb"})
    (tmp_path / "netrc").write_text("machine api.wandb.ai\n  login user\n  password key\n")
    choice.check(settings)
    (tmp_path / "netrc").unlink()
    monkeypatch.setenv("WANDB_MODE", "offline")
    choice.check(settings)


def test_none_keeps_a_run_from_the_server_that_the_environment_names(world: World, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    job = world.tune(values={"tracker": "none"}, wait=False).job
    new_process()
    world.platform.jobs[job].looks = 50
    job_rows(world.session())
    assert tracked(world) == []


def test_the_password_of_a_database_is_not_shown(tmp_path):
    address = "postgresql://me:secret@db.example.org/mlflow"
    tracker = MlflowTracker(TrackedRun("p-1", "p", tmp_path), {"MLFLOW_TRACKING_URI": address})
    assert tracker.place == "MLflow at postgresql://db.example.org/mlflow"


def test_an_arn_is_left_to_sagemaker(tmp_path):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/app"
    context = Context(tmp_path, "p", settings={"MLFLOW_TRACKING_URI": arn})
    assert choice.tracks_itself("sagemaker", MlflowTracker, context)
    assert not choice.tracks_itself("local", MlflowTracker, context)
    assert not choice.tracks_itself("sagemaker", TrackioTracker, context)


def test_the_plugin_imports_no_tracker(world: World):
    import subprocess
    import sys

    program = (
        "import sys, mlcc_trackers; from mlcc_core import build_manager; "
        "build_manager([mlcc_trackers]); "
        "print([m for m in ('mlflow', 'wandb', 'tensorboard', 'trackio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_flag_is_the_plugins(world: World):
    ((option,),) = world.plugins.run_options.values()
    assert option.flag == "--tracker"
    assert build_manager([], disable="").run_options == {}
