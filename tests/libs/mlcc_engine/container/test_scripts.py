"""A user's own script in a folder laid out as a container's."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from mlcc_engine.container.layout import PROGRESS, RESULT
from tests.libs.mlcc_engine.container import roots
from tests.libs.mlcc_engine.container.roots import lay_out, marked, said

SCRIPT = """
import json, os, signal, sys, time
import beside
from pathlib import Path
print("arguments", *sys.argv[1:])
print('mlcc-progress {"step": 1, "steps": 2, "loss": 0.5}')
print('mlcc-progress half a line')
rows = Path(os.environ["SM_CHANNEL_TRAIN"], "rows.jsonl").read_text().splitlines()
Path(os.environ["SM_MODEL_DIR"], "weights.txt").write_text(f"{len(rows)} {beside.WORD}")
keep = Path(os.environ["SM_CHECKPOINT_DIR"], "kept")
def save(*_):
    keep.touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print(os.environ["SM_CURRENT_HOST"], os.environ["SM_HOSTS"], os.environ["TRAINING_JOB_NAME"])
while "--wait" in sys.argv:
    time.sleep(0.05)
"""

TOGETHER = """
import os, torch, torch.distributed as together
together.init_process_group("gloo")
number = torch.tensor([together.get_rank() + 1])
together.all_reduce(number)
if together.get_rank() == 0:
    open(os.environ["SM_MODEL_DIR"] + "/sum.txt", "w").write(str(number.item()))
"""


def with_script(root: Path, text: str, **values: str) -> Path:
    lay_out(root, {"mlcc_entry": "script:train.py", **values})
    folder = root / "input/data/code/script"
    folder.mkdir()
    (folder / "train.py").write_text(text)
    (folder / "beside.py").write_text("WORD = 'rows'\n")
    return root


def test_a_script(tmp_path: Path) -> None:
    root = with_script(tmp_path / "ml", SCRIPT, epochs="3")
    text = roots.run(root, tmp_path)
    (ended,) = marked(root, RESULT)
    assert ended["state"] == "completed", text
    assert (root / "model/weights.txt").read_text() == "6 rows"
    assert "arguments --epochs 3\n" in text
    assert 'algo-1 ["algo-1"] tune-1' in text
    assert text.count(PROGRESS) == 2
    (line,) = [line for line in text.splitlines() if line.startswith(PROGRESS + "{")]
    assert json.loads(line.removeprefix(PROGRESS)).items() >= {"step": 1, "loss": 0.5}.items()
    assert PROGRESS + "half a line" in text
    assert json.loads((root / "model/mlcc/result.json").read_text()) == ended
    assert list((root / "tmp").glob("mlcc-*")) == []


def test_a_script_that_is_told_to_end(tmp_path: Path) -> None:
    root = with_script(tmp_path / "ml", SCRIPT, wait="")
    process = roots.start(root, tmp_path)
    roots.wait_for(lambda: "algo-1 [" in said(root))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=100) == 3
    assert (root / "checkpoints/kept").exists()
    assert roots.failure(root).startswith("SageMaker ended this job before it was done")


def test_a_script_that_fails(tmp_path: Path) -> None:
    root = with_script(tmp_path / "ml", "raise ValueError('no such column')")
    process = roots.start(root, tmp_path)
    assert process.wait(timeout=100) == 2
    assert roots.failure(root).startswith(
        "The script ended with exit code 1: ValueError: no such column"
    )


@pytest.mark.slow
@pytest.mark.full
def test_processes_of_a_script_on_two_hosts(tmp_path: Path) -> None:
    hosts = ("127.19.9.1", "127.19.9.2")
    pair = []
    for number in (0, 1):
        root = with_script(tmp_path / str(number), TOGETHER)
        resources = {"current_host": hosts[number], "hosts": hosts, "network_interface_name": "lo"}
        (root / "input/config/resourceconfig.json").write_text(json.dumps(resources))
        pair.append(root)
    running = [roots.start(root, tmp_path, MLCC_PROCESSES="2") for root in pair]
    assert [process.wait(timeout=200) for process in running] == [0, 0], said(pair[0])
    assert (pair[0] / "model/sum.txt").read_text() == "10"
    assert marked(pair[1], RESULT) == []
