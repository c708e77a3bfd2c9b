"""The flags of ``deploy`` that say how the base model is served, and what they change."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core import Context, MlccError, Option
from mlcc_core.helpers import VLLM_RANKS

INSTANCE_TYPE = Option(
    "--instance-type",
    str,
    "The endpoint's instance (default: INSTANCE_TYPE, else the hub's)",
    "TYPE",
)
GPUS = Option(
    "--gpus",
    int,
    "The GPUs that the base model takes (default: as many as its weights need)",
    "N",
    minimum=1,
    maximum=16,
)
MAX_MODEL_LEN = Option(
    "--max-model-len",
    int,
    "The longest prompt and reply together (default: what the model allows)",
    "TOKENS",
    minimum=1,
)
MAX_LORA_RANK = Option(
    "--max-lora-rank",
    int,
    "The highest rank of adapters (default: 128), rounded up to one that vLLM takes",
    "RANK",
    minimum=1,
    maximum=VLLM_RANKS[-1],
)
DTYPE = Option(
    "--dtype",
    str,
    "The number format that it computes in (default: auto, the model's own)",
    "FORMAT",
    choices=("auto", "bf16", "fp16", "fp32"),
)
NETWORK_ISOLATION = Option(
    "--network-isolation",
    bool,
    "Let the containers make no network calls; the base model must be in S3",
)

OPTIONS = (INSTANCE_TYPE, GPUS, MAX_MODEL_LEN, MAX_LORA_RANK, DTYPE, NETWORK_ISOLATION)

RANK_VARIABLE = "OPTION_MAX_LORA_RANK"
VARIABLES = {
    MAX_MODEL_LEN.key: "OPTION_MAX_MODEL_LEN",
    MAX_LORA_RANK.key: RANK_VARIABLE,
    DTYPE.key: "OPTION_DTYPE",
}
"""Variables of AWS's LMI container by the flags' keys; it hands them on to vLLM.

Names and values: github.com/deepjavalibrary/djl-serving, serving/docs/lmi, as of 2026-06-24.
"""


def environment(context: Context) -> Mapping[str, str]:
    """Return the variables of the container that the flags set."""
    given = {key: context.options.get(key) for key in VARIABLES}
    rank = given[MAX_LORA_RANK.key]
    if isinstance(rank, int):
        given[MAX_LORA_RANK.key] = next(known for known in VLLM_RANKS if known >= rank)
    return {VARIABLES[key]: str(value) for key, value in given.items() if value is not None}


def gpus(context: Context) -> int | None:
    """Return ``--gpus``; ``None`` where it was not given."""
    value = context.options.get(GPUS.key)
    return value if isinstance(value, int) else None


def instance_flag(context: Context) -> str:
    """Return ``--instance-type``; empty where it was not given."""
    return str(context.options.get(INSTANCE_TYPE.key) or "")


def instance_wished(context: Context) -> str:
    """Return the instance that the user wants, by flag or ``INSTANCE_TYPE``; empty for none."""
    return instance_flag(context) or context.settings.get("INSTANCE_TYPE") or ""


def isolated(context: Context) -> bool:
    """Return whether the containers are to make no network calls."""
    return bool(context.options.get(NETWORK_ISOLATION.key))


def change_base(context: Context) -> bool:
    """Return whether a flag changes how the base model is served."""
    return bool(environment(context)) or gpus(context) is not None


def refuse_serving_flags(context: Context) -> None:
    """Refuse the flags of an endpoint where a model is deployed to another place.

    Raises:
        MlccError: one is given.
    """
    for option in OPTIONS:
        if context.options.get(option.key):
            raise MlccError(
                f"{option.flag} is for endpoints; with --to there is none.",
                where=option.flag,
                hint=f"leave out {option.flag}",
            )
