"""A model without its weights: its modules and sizes, at no cost."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from mlcc_engine.model import models
from mlcc_engine.settings import targets
from mlcc_engine.train import adapting


def as_trained(source: str, training_type: str, lora: Mapping[str, Any]) -> Any:
    """Make the model at ``source`` as a job trains it, on the device ``meta``.

    Args:
        source: see :func:`mlcc_engine.model.models.locate`.
        training_type: ``lora`` or ``full-rank``.
        lora: arguments of ``peft.LoraConfig``.

    Raises:
        MlccError, PlatformError: the config cannot be had; settings of LoRA name modules that
            the model lacks.
        ValueError: LoRA finds nothing to adapt.
    """
    import torch

    config = models.load_config(source)
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what libraries tell their developers
        model: Any = models.auto_class(config).from_config(config)
        if training_type != "lora":
            adapting.freeze_seeing(model)
            return model
        from peft import get_peft_model

        targets.check(model, lora)
        sees = models.is_vision_language(config)
        return get_peft_model(model, adapting.lora_config(lora, sees=sees))
