"""The entry point: what it installs, from where, and what it says where that fails."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import mlcc_engine.container.start as entry
from mlcc_engine.container.hyperparameters import as_hyperparameters
from mlcc_engine.container.layout import RESULT
from tests.libs.mlcc_engine.container import roots, wheels
from tests.libs.mlcc_engine.container.roots import asked, lay_out
from tests.libs.mlcc_engine.test_process import PAIRS
from tests.libs.mlcc_engine.trainings import write_rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheels.make_image(tmp_path_factory.mktemp("image") / "venv")


def with_code(root: Path, requirements: str) -> Path:
    """Put the entry point into the channel ``code``, as a copy that stands alone."""
    code = root / "input/data/code"
    shutil.copyfile(entry.__file__, code / "start.py")
    (code / "wheels").mkdir()
    (code / "requirements.txt").write_text(requirements)
    return code


def run(root: Path, image: Path, cache: Path, **variables: str) -> int:
    """Run the container's command, with nothing but the image's own packages on its path."""
    own = roots.environment(root, cache) | variables
    own.pop("PYTHONPATH")
    ended = subprocess.run(
        [image, root / "input/data/code/start.py"],
        cwd=root,
        env=own,
        capture_output=True,
        text=True,
        timeout=280,
    )
    (root / "log.txt").write_text(ended.stdout + ended.stderr)
    return ended.returncode


def test_a_training_with_wheels_alone(tmp_path: Path, image: Path, cache: Path) -> None:
    values = as_hyperparameters(asked(eval_every="4", callbacks=["from_a_wheel:callbacks"]))
    root = lay_out(tmp_path / "ml", values)
    code = with_code(root, "from-a-wheel==1.0\n")
    wheels.build_mlcc(code / "wheels")
    say = "def callbacks():\n    print('called from a wheel', flush=True)\n    return []\n"
    wheels.write_wheel(code / "wheels", "from_a_wheel", "1.0", say)
    (root / "input/data/validation").mkdir()
    write_rows(root / "input/data/validation/rows.jsonl", PAIRS[:3])
    before = {path.name for path in root.iterdir()}
    assert run(root, image, cache, MLCC_OFFLINE="1") == 0, roots.said(root)
    text = roots.said(root)
    assert "installing mlcc-" in text.splitlines()[0]
    assert "installing requirements from its own wheels ..." in text
    assert "called from a wheel" in text
    (ended,) = roots.marked(root, RESULT)
    assert ended["state"] == "completed"
    assert any("held-out" in title.lower() for title in ended["details"])
    assert {path.name for path in root.iterdir()} == before | {"log.txt"}
    tried = "import mlcc_engine; print(mlcc_engine.__file__)"
    where = subprocess.run([image, "-I", "-c", tried], capture_output=True, text=True)
    assert where.stdout.startswith(str(image.parents[1])), "the tree was used, not the wheel"


@pytest.mark.parametrize(
    ("variables", "code", "hint"),
    [
        (
            {"MLCC_OFFLINE": "1"},
            1,
            "add the wheels of all requirements, for this image's Python: --wheels DIR",
        ),
        (
            {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"},
            3,
            (
                "pass the wheels of all requirements with --wheels DIR, or give the job a way to "
                "the package index (a NAT gateway for the subnets of its VPC)"
            ),
        ),
    ],
)
def test_a_requirement_that_cannot_be_had(
    variables: dict[str, str], code: int, hint: str, tmp_path: Path, image: Path
) -> None:
    root = lay_out(tmp_path / "ml", {})
    channel = with_code(root, "absent-thing==2.0\n")
    wheels.write_wheel(channel / "wheels", "mlcc", "0.0.1")
    assert run(root, image, tmp_path, **variables) == code
    said = (
        "The requirements of this job cannot be installed: No matching distribution found for "
        f"absent-thing==2.0. Hint: {hint}"
    )
    assert roots.failure(root) == said
    (ended,) = roots.marked(root, RESULT)
    assert f"{ended['reason']} Hint: {ended['hint']}" == said
    assert "Traceback" not in roots.said(root)


def test_without_a_wheel_of_mlcc(tmp_path: Path, image: Path) -> None:
    root = lay_out(tmp_path / "ml", {}, hosts=("algo-1", "algo-2"), current=1)
    with_code(root, "")
    assert run(root, image, tmp_path) == 1
    assert roots.failure(root).startswith("The channel code of this job has no wheel of mlcc (")
    assert roots.marked(root, RESULT) == []


def test_it_stands_alone() -> None:
    """It uses no module that is not of Python itself, nor words that the layout does not have."""
    from mlcc_engine.container import layout

    text = Path(entry.__file__).read_text()
    assert "/opt/ml" not in text
    assert entry.OFFLINE == layout.OFFLINE
    assert json.dumps(layout.RESULT) in text
    assert entry.CODE.joinpath(layout.START_FILE) == Path(entry.__file__)
