"""Amazon SageMaker AI: serverless model customization, and training jobs on chosen instances.

Variables of the environment and ``do/config`` that it reads, beside those of every project:

* ``ROLE_ARN``, ``TUNE_S3_BUCKET``: execution role and bucket; ``mlcc bootstrap`` writes them.
* ``IMPORT_ROLE_ARN``: the role with which Bedrock reads models to import; of ``bootstrap``, too.
* ``BEDROCK_MODELS``: names of the project's imported models, which ``deploy --to bedrock`` writes.
* ``ENDPOINT_NAME``, ``INSTANCE_TYPE``: the endpoint, and its instances if not the hub's default;
  models that the hub does not host need it.
* ``TRAIN_INSTANCE_TYPE``: the instances of training jobs, where no flag names others.
* ``ACCEPT_EULA=true``: the licence of the project's model is accepted.
* ``MLFLOW_RESOURCE_ARN``: the MLflow server or app, where there is more than one.
* ``TUNE_KMS_KEY_ID``: encrypts datasets and output; by default S3's own key does.
* ``TUNE_REWARD_FUNCTIONS``: ARNs of the functions that ``bootstrap``'s role may invoke, with commas
  between them; by default those whose names begin with ``mlcc-``.
* ``TUNE_JUDGE_MODELS``: judges of Bedrock that it may ask beside those that are known for training,
  with commas between them.
* ``TUNE_DATASET_BUCKETS``: buckets that it may read beside the tune bucket, with commas between
  them. Datasets and reward prompts of other buckets are copied to the tune bucket.
* ``SAGEMAKER_HUB_NAME``: a hub other than the public one.
"""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Platform
from mlcc_sagemaker.instances.platform import SageMakerJobs
from mlcc_sagemaker.platform import SageMaker

plugin = SageMaker()
instances = SageMakerJobs()

__all__ = ["SageMaker", "SageMakerJobs", "instances", "mlcc_platforms", "plugin"]


def mlcc_platforms() -> Sequence[Platform]:
    """Return the platforms: serverless jobs, and jobs on instances."""
    return [plugin, instances]
