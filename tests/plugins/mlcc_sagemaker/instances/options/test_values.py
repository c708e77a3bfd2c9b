"""The instances of a job, read from its flags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import attempt
from mlcc_sagemaker.instances.options import accelerators
from mlcc_sagemaker.instances.options.declared import INSTANCES, OPTIONS
from mlcc_sagemaker.instances.options.values import read_instances
from tests.plugins.mlcc_sagemaker.instances.conftest import CPU, GPU


@pytest.fixture
def place(tmp_path):
    return Context(tmp_path, "demo", {"TRAIN_INSTANCE_TYPE": CPU})


def read(place, seconds=None, **options):
    return read_instances(place, options, seconds)


def test_the_defaults(place):
    found = read(place)
    assert (found.type, found.count, found.processes) == (CPU, 1, 1)
    assert (found.spot, found.wait, found.image) == (False, None, None)
    assert (found.seconds, found.volume) == (86_400, 100)


def test_the_flag_beats_the_variable(place):
    assert read(place, instance_type=GPU).type == GPU


@pytest.mark.parametrize(
    ("kind", "processes"),
    [(CPU, 1), ("ml.g5.2xlarge", 1), (GPU, 4), ("ml.p5.48xlarge", 8), ("ml.c7i-flex.xlarge", 1)],
)
def test_a_process_for_each_accelerator(place, kind, processes):
    assert read(place, instance_type=kind).processes == processes


def test_the_processes_of_all_instances(place):
    found = read(place, instance_type=GPU, instance_count=3)
    assert found.all_processes == 12
    assert read(place, instance_type=GPU, instance_count=3, processes=2).all_processes == 6


def test_a_spot_job_waits_a_day_longer_than_it_may_run(place):
    found = read(place, 3600, spot=True)
    assert found.stopping == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 90_000}
    found = read(place, 3600, spot=True, max_wait="1h")
    assert found.stopping["MaxWaitTimeInSeconds"] == 3600


@pytest.mark.parametrize(
    ("options", "words", "hint"),
    [
        ({"instance_type": "g5.2xlarge"}, "not an instance type", "ml.g5.2xlarge"),
        ({"instance_type": "large"}, "not an instance type", "ml.g5.2xlarge"),
        ({"instance_type": "ml.large"}, "not an instance type", "--instance-type ml.g5.2xlarge"),
        ({"instance_type": "ml.g5.3xlarge"}, "no training instances", "--instance-type ml.g5."),
        ({"instance_type": "ml.trn1.2xlarge"}, "AWS Trainium", "ml.g5.2xlarge"),
        ({"max_wait": "2h"}, "--spot", "--spot"),
        ({"spot": True, "max_wait": "2h"}, "shorter than the 24 h", "--max-wait 48h"),
        ({"spot": True, "max_wait": "soon"}, "not a duration", "--max-wait 48h"),
        ({"spot": True, "max_wait": "57d"}, "not a duration", "--max-wait 48h"),
        ({"image": "my image"}, "not the URI of an image", "--image 1234"),
    ],
)
def test_what_the_service_does_not_take_is_one_line(place, refusal, options, words, hint):
    error = refusal(read, place, **options)
    assert words in error.what
    assert hint in error.hint


def test_a_family_that_the_table_does_not_have_yet(place, refusal, monkeypatch):
    monkeypatch.delitem(accelerators.GPUS, "g7")
    error = refusal(read, place, instance_type="ml.g7.2xlarge")
    assert "number of GPUs" in error.what
    assert "--processes N" in error.hint
    assert read(place, instance_type="ml.g7.2xlarge", processes=1).processes == 1


def test_no_instance_is_chosen_for_the_user(place, refusal):
    place.settings.pop("TRAIN_INSTANCE_TYPE")
    error = refusal(read, place)
    assert "TRAIN_INSTANCE_TYPE in do/config" in error.hint
    place.settings["TRAIN_INSTANCE_TYPE"] = "mine"
    assert refusal(read, place).where == "TRAIN_INSTANCE_TYPE"


def test_an_own_image_may_run_where_ours_does_not(place):
    found = read(place, instance_type="ml.trn1.2xlarge", processes=2, image="registry/mine:1")
    assert (found.image, found.processes) == ("registry/mine:1", 2)


@given(st.text(max_size=30))
def test_any_text_is_a_type_or_one_line(text):
    context = Context(root=None, project="demo")
    problems = []
    found = attempt(lambda: read_instances(context, {"instance_type": text}, None), problems)
    assert all("\n" not in problem.what for problem in problems)
    assert bool(problems) == (found is None)
    assert found is None or found.type == text.strip()


def test_only_the_number_of_processes_decides():
    deciding = {option.flag for option in INSTANCES if option.decides}
    assert deciding == {"--instance-count", "--processes"}
    assert len({option.flag for option in OPTIONS}) == len(OPTIONS)
