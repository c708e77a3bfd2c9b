"""The flags of jobs on instances, as ``mlcc tune --help`` shows them.

The number of processes decides what is learned: each has its share of a step's rows and draws its
own samples, as on one machine. ``--processes`` and ``--instance-count`` make it, so a job with
other ones is another job. The instance's type, its disk, spot capacity, the image and the packages
beside the pinned ones change where the same training runs, and for how much: asked for again with
others, the job that is there is followed, and the command says so.
"""

from __future__ import annotations

from mlcc_core import Option, Setting
from mlcc_engine.options.scale import PROCESSES_OPTION, QUANTIZE_OPTION
from mlcc_engine.options.training import TRAINING_OPTIONS
from mlcc_folders.evaluator.files import EVALUATOR_OPTIONS
from mlcc_folders.evaluator.judges import JUDGE_OPTIONS
from mlcc_sagemaker.money import yours
from mlcc_sagemaker.request.options.declared import OPTIONS as SURROUNDINGS

TYPE_SETTING = "TRAIN_INSTANCE_TYPE"

INSTANCE_TYPE = Option(
    "--instance-type",
    str,
    f"The job's instances: ml.g5.2xlarge (default: {TYPE_SETTING})",
    "TYPE",
    decides=False,
    also=("--instance", "--machine-type", "--gpu-type"),
)
INSTANCE_COUNT = Option(
    "--instance-count",
    int,
    "Instances that share each step's rows (default: 1)",
    "N",
    minimum=1,
    maximum=64,
    also=("--instances", "--num-instances", "--nodes", "--num-nodes", "--nnodes"),
)
SPOT = Option(
    "--spot",
    bool,
    "Use spare capacity, which AWS may take back: the job then waits, and goes on",
    decides=False,
    also=("--use-spot", "--use-spot-instances", "--preemptible"),
)
MAX_WAIT = Option(
    "--max-wait",
    str,
    "The longest that a --spot job may take with its waits (default: a day more than it may run)",
    "DURATION",
    decides=False,
)
VOLUME = Option(
    "--volume-size",
    int,
    "GiB of disk of each instance, for model, rows and checkpoints (default: 100)",
    "GIB",
    minimum=1,
    maximum=16_384,
    decides=False,
)
IMAGE = Option(
    "--image",
    str,
    "A container image of your own, with Python and PyTorch (default: AWS's for PyTorch)",
    "URI",
    decides=False,
)
WHEELS = Option(
    "--wheels",
    str,
    "A folder with wheels of every package, for jobs that reach no package index",
    "DIR",
    decides=False,
)
PACKAGES = Option(
    "--packages",
    str,
    "Packages that a training installs besides its own, as a requirements file of pip",
    "FILE",
    decides=False,
)
ROLE = Option("--role", str, "The execution role (default: ROLE_ARN)", "ARN")
BUCKET = Option("--output-bucket", str, "The output bucket (default: TUNE_S3_BUCKET)", "BUCKET")

INSTANCES = (
    INSTANCE_TYPE,
    INSTANCE_COUNT,
    PROCESSES_OPTION,
    SPOT,
    MAX_WAIT,
    VOLUME,
    IMAGE,
    WHEELS,
)

OF_THE_ENGINE = (
    PACKAGES,
    *TRAINING_OPTIONS,
    QUANTIZE_OPTION,
    *JUDGE_OPTIONS,
    *EVALUATOR_OPTIONS,
)
"""Options that the engine follows, and that mean nothing for a script of the user's."""

OPTIONS = (
    ROLE,
    BUCKET,
    *INSTANCES,
    *OF_THE_ENGINE,
    *SURROUNDINGS,
    yours.HOURS,
)

SETTINGS = (
    Setting(TYPE_SETTING, "The instances of training jobs", example="ml.g5.2xlarge"),
    *(setting for setting in yours.SETTINGS if setting.variable == yours.VARIABLES[yours.HOURS]),
)
