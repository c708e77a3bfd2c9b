"""The request of the engine, with the paths of one machine in place of those of the storage."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import MlccError
from mlcc_engine.engine import PACKAGES
from mlcc_ray.cluster.place import Place
from mlcc_ray.cluster.preparing import find_missing, own_folder, work_folder, write_request
from tests.servers.s3 import S3

BODY = {
    "job": "demo",
    "technique": "rlvr",
    "trainer": "trl:GRPOTrainer",
    "model": "mlcc-tiny",
    "training_type": "lora",
    "output": "there",
}


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, shared: Path) -> Place:
    if request.param == "file":
        found = Place.at(shared.as_uri(), "demo")
    else:
        s3: S3 = request.getfixturevalue("s3")
        s3.bucket("shared")
        found = Place.at("s3://shared/mlcc", "demo")
    for path in ("staged/a.jsonl", "staged/b.jsonl", "jobs/demo/files/reward.py"):
        found.storage.write(path, path.encode())
    folder = shared / "kept"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    found.storage.upload(folder, "starts/1f")
    return found


def written(place: Place, **fields: Any) -> dict[str, Any]:
    """Write a request; return it with the content of what it names in place of the paths."""
    with work_folder(place) as work:
        write_request(place, work, {**BODY, **fields}, 2)
        found: dict[str, Any] = json.loads((work.folder / "request.json").read_text())
        assert Path(found["output"]).parent == work.folder
        for name in ("dataset", "validation"):
            if found[name]:
                found[name] = Path(found[name]).read_text()
        if found["start"]:
            found["start"]["path"] = [each.name for each in Path(found["start"]["path"]).iterdir()]
        if found["evaluator"]:
            path, _, name = found["evaluator"]["value"].partition(".py:")
            found["evaluator"]["value"] = [Path(f"{path}.py").read_text(), name]
    assert not work.folder.exists()
    return found


def test_every_path_is_one_of_this_machine(place: Place) -> None:
    uri = place.storage.uri
    found = written(
        place,
        dataset=f"{uri}/staged/a.jsonl",
        validation=f"{uri}/staged/b.jsonl",
        start={"kind": "adapter", "path": f"{uri}/starts/1f", "fingerprint": "1f"},
        evaluator={"kind": "function", "value": "files/reward.py:score"},
    )
    assert found["dataset"] == "staged/a.jsonl"
    assert found["validation"] == "staged/b.jsonl"
    assert found["start"]["path"] == ["adapter_config.json"]
    assert found["evaluator"]["value"] == ["jobs/demo/files/reward.py", "score"]
    assert (found["model"], found["processes"], found["platform"]) == ("mlcc-tiny", 2, "ray")


def test_a_whole_model_that_is_gone_on_from_is_fetched_once(place: Place) -> None:
    model = f"{place.storage.uri}/starts/1f"
    start = {"kind": "model", "path": model, "fingerprint": "1f"}
    with work_folder(place) as work:
        body = {**BODY, "dataset": "files/reward.py", "model": model, "start": start}
        write_request(place, work, body, 1)
        found = json.loads((work.folder / "request.json").read_text())
        assert found["model"] == found["start"]["path"]
        assert (Path(found["model"]) / "adapter_config.json").is_file()


def test_what_is_not_there_is_named(place: Place) -> None:
    with pytest.raises(MlccError, match=r"There is nothing at .*/staged/gone\.jsonl"):
        written(place, dataset=f"{place.storage.uri}/staged/gone.jsonl")


@pytest.mark.parametrize("path", ["file:///etc/passwd", "../../etc/passwd", "s3://other/a"])
def test_paths_stay_within_the_storage(place: Place, path: str) -> None:
    with pytest.raises(MlccError, match=r"not in the storage|not a path within"):
        written(place, dataset=path)


def test_folders_of_workers_that_died_are_removed(place: Place) -> None:
    with work_folder(place) as work:
        left = work.folder.parent / "other.999999999"
        left.mkdir()
        with work_folder(Place(place.storage, "next")):
            assert not left.exists()
            assert work.folder.exists()


def test_the_folder_of_a_process_that_was_killed_goes_with_the_next_one(shared: Path) -> None:
    code = (
        "import os, signal\n"
        "from mlcc_ray.cluster.preparing import own_folder\n"
        "with own_folder('demo.driver') as folder:\n"
        "    print(folder, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    left = Path(killed.stdout.strip())
    assert left.is_dir()
    with own_folder("next") as folder:
        assert not left.exists()
        assert folder.parent == left.parent
    assert not folder.exists()


def test_a_trainer_of_a_third_party_is_looked_for() -> None:
    assert find_missing("trl:SFTTrainer") == []
    assert find_missing("no_such_package.trainers:Own") == ["no_such_package"]


def test_a_package_that_is_too_old_is_named_with_what_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PACKAGES, "trl", "99.1")
    (told,) = find_missing("trl:SFTTrainer")
    assert told == f"trl>=99.1 ({version('trl')} is there)"
