"""Weights that are sharded over the processes of a job (FSDP): asked for, and gathered again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.saving.trained import trained_weights


def check(trainer: Any) -> None:
    """Refuse sharding that was asked for and would not happen.

    accelerate shards on GPUs alone, and passes the setting over without a word elsewhere.

    Args:
        trainer: made already, with its Config in ``args``.

    Raises:
        MlccError: it would not.
    """
    if trainer.args.fsdp and not is_sharded(trainer):
        raise MlccError(
            "The setting fsdp shards a model over several GPUs, and this job has not got them.",
            where="--set",
            hint="leave the setting out, or pass --gpus all on a machine with several GPUs",
        )


def is_sharded(trainer: Any) -> bool:
    """Return whether each process will hold a part of the weights once training begins."""
    return bool(trainer.accelerator.distributed_type.value == "FSDP")


def gather(trainer: Any, load: Callable[[], Any], *, leads: bool) -> None:
    """Put the whole trained model in place of this process's part of it.

    Every process has to call this; only the first one is given the whole.

    Args:
        trainer: after its training.
        load: loads the base model again; it is given the trained weights.
        leads: this is the first process.
    """
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
    from torch.distributed.tensor import DTensor

    if not any(isinstance(weight, DTensor) for weight in trainer.model.parameters()):
        return
    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    weights = get_model_state_dict(trainer.model, options=options)
    if leads:
        adapters = getattr(trainer.model, "peft_config", None)
        trainer.model = _with_weights(load(), adapters, weights)


def _with_weights(model: Any, adapters: Any, weights: Any) -> Any:
    """Give the base model, with an adapter where there was one, the trained weights."""
    import peft

    if adapters:
        (name, config), *_ = adapters.items()
        model = peft.get_peft_model(model, config, adapter_name=name)
    tied = set(getattr(model, "_tied_weights_keys", None) or ())
    lacking = set(model.load_state_dict(weights, strict=False).missing_keys)
    if lost := (lacking & trained_weights(model).keys()) - tied:
        raise RuntimeError(f"the processes did not hand over the trained weight {min(lost)!r}")
    return model
