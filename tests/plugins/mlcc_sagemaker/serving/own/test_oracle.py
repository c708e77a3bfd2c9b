"""The SageMaker SDK builds the same model of SageMaker from the same container.

Its way to LMI by a Hub id asks huggingface.co for the model's config, wherever ``HF_ENDPOINT``
leads, so that it cannot be asked here. By its source (``sagemaker.serve`` 3.27,
``_build_for_djl``) it differs from ours in these variables, each for a reason:

* ``OPTION_DTYPE=bf16``: ours is ``auto``, the model's own format;
* ``TENSOR_PARALLEL_DEGREE`` as a number: ours is ``max``, all GPUs that the component is given;
* ``OPTION_ENGINE``, ``SERVING_MIN_WORKERS``, ``SERVING_MAX_WORKERS``, ``HF_HOME``: LMI's defaults
  do;
* ``OPTION_MODEL_LOADING_TIMEOUT=240``: ours is LMI's own of 1800 seconds;
* ``HF_TOKEN`` in plain text: ours is never sent;
* ours has ``HF_REVISION``, so that every copy serves the same commit, and LoRA enabled.
"""

from __future__ import annotations

import pytest

from mlcc_sagemaker import SageMakerJobs
from mlcc_sagemaker.aws.sdk import quiet_sdk
from mlcc_sagemaker.serving.containers import container_for
from mlcc_sagemaker.serving.hosting import find_hosting
from mlcc_sagemaker.serving.standing.described import serving_role
from tests.plugins.mlcc_sagemaker.serving.own.conftest import IN_S3, TINY

pytest.importorskip("sagemaker.core")
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("platform", [SageMakerJobs], indirect=True)
@pytest.mark.parametrize("model", [TINY, IN_S3])
def test_the_sdk_sends_the_same(account, project, platform, model):
    context = project(model)
    role = serving_role(context)
    container = dict(container_for(context, find_hosting(context), None, role))
    platform.serving.deploy(context, None)
    ours = account.log.only("CreateModel").params
    account.log.clear()
    build_with_the_sdk(context, role.arn, container)
    theirs = account.log.only("CreateModel").params
    if model == TINY:  # the SDK names a prefix besides, of files that it uploads: there are none
        assert theirs["PrimaryContainer"].pop("ModelDataUrl").endswith("/")
    assert {**theirs, "ModelName": "", "Tags": ""} == {**ours, "ModelName": "", "Tags": ""}


def build_with_the_sdk(context, role, container):
    """Build a model with ``ModelBuilder``, image, environment and data given."""
    with quiet_sdk(context):
        from sagemaker.core.helper.session_helper import Session
        from sagemaker.serve.model_builder import ModelBuilder

        session = Session(default_bucket="sagemaker-us-east-1-123456789012")
        builder = ModelBuilder(
            image_uri=container["Image"],
            env_vars=dict(container["Environment"]),
            s3_model_data_url=container.get("ModelDataSource"),
            role_arn=role,
            instance_type="ml.g5.2xlarge",
            sagemaker_session=session,
        )
        builder.build(model_name="by-the-sdk")
