"""The code of a job: what runs on the cluster comes from here, known by its content."""

from __future__ import annotations

import subprocess
import sys
from importlib import invalidate_caches

import pytest

from mlcc_core import TrainingSpec
from mlcc_core.errors import MlccError
from mlcc_ray.code.packages import OWN, code_of, gathered, packages_of

SPEC = TrainingSpec(
    project="demo",
    technique="sft",
    trainer="trl:SFTTrainer",
    model="mlcc-tiny",
    training_type="lora",
    hyperparameters={},
    hyperparameter_flags={},
    trainer_settings={},
    dataset=None,
)


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """Makes a package of a third party that can be imported."""

    def make(name, files):
        for place, text in files.items():
            path = tmp_path / "site" / name / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        invalidate_caches()
        code_of.cache_clear()
        return name

    return make


def test_a_trainer_of_trl_takes_our_packages_alone():
    assert packages_of(SPEC) == OWN


def test_a_trainer_of_a_third_party_and_call_backs_go_along():
    from dataclasses import replace

    spec = replace(SPEC, trainer="mine_c.trainer:MyTrainer", callbacks=("peft.x:y", "tell_c:it"))
    assert packages_of(spec) == (*OWN, "mine_c", "tell_c")


def test_a_package_that_ray_installs_is_not_sent():
    from dataclasses import replace

    spec = replace(SPEC, trainer="yaml.trainer:MyTrainer")
    assert packages_of(spec) == (*OWN, "yaml")
    assert packages_of(spec, ("pyyaml",)) == OWN


def test_another_line_is_other_code(theirs):
    package = theirs("mine_a", {"__init__.py": "A = 1\n"})
    first = code_of((package,))
    assert first == code_of((package,))
    theirs("mine_a", {"__init__.py": "A = 2\n"})
    assert code_of((package,)).sha256 != first.sha256


def test_compiled_parts_are_refused(theirs):
    package = theirs("mine_b", {"__init__.py": "", "fast.so": ""})
    with pytest.raises(MlccError, match=r"has compiled parts \(fast.so\)"):
        code_of((package,))


def test_the_clusters_side_runs_from_what_is_sent_alone():
    """No library of the user's side is needed where the job runs."""
    with gathered(OWN) as folder:
        code = (
            "import sys, mlcc_ray.cluster.__main__, mlcc_engine.__main__; "
            "print([m for m in sys.modules if m.startswith('mlcc_folders')])"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env={"PYTHONPATH": str(folder), "PATH": ""},
            capture_output=True,
            text=True,
        )
        assert (ran.stdout, ran.stderr, ran.returncode) == ("[]\n", "", 0)
