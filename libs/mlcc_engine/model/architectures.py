"""Models that can be trained here: those that predict the next token of a text.

A config is read as it stands (``config.json``); the tables of transformers are asked only where
they are needed, so that a plan learns without them as much as can be learned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import install_command

QWEN = "qwen"
"""The family whose vision-language models are trained, on text alone."""

OTHER_TASKS = re.compile(
    r"For(SequenceClassification|TokenClassification|QuestionAnswering|MultipleChoice|MaskedLM"
    r"|NextSentencePrediction|SpeechSeq2Seq|CTC|ImageClassification)\Z|RewardModel\Z"
)
"""Ends of names of transformers' classes whose heads do not predict the next token."""

MODALITY_CONFIGS = ("vision_config", "audio_config", "vision_tower_config")
"""Parts of a config that describe how a model sees or hears."""

HINT = "choose a causal language model, for example: --model Qwen/Qwen3-0.6B"

Config = Mapping[str, Any]


def as_mapping(config: Any) -> Config:
    """Return a config as a mapping: the content of ``config.json``, or a config object."""
    found: Config = config if isinstance(config, Mapping) else config.to_dict()
    return found


def is_vision_language(config: Any) -> bool:
    """Return true for the vision-language models that are trained here: Qwen's.

    Args:
        config: the content of ``config.json``, or a config of transformers.
    """
    values = as_mapping(config)
    kind = str(values.get("model_type", ""))
    return kind.startswith(QWEN) and _senses(values) == ["vision_config"]


def check_architecture(config: Any, model: str) -> None:
    """Refuse a model that is not a causal language model which transformers has.

    Args:
        config: the content of ``config.json``, or a config of transformers.
        model: as the user calls it.

    Raises:
        MlccError: it names the architecture.
    """
    values = as_mapping(config)
    check_plainly(values, model)
    from transformers import CONFIG_MAPPING
    from transformers.models.auto import modeling_auto

    kind = values["model_type"]
    if values.get("auto_map") and kind not in CONFIG_MAPPING:
        raise MlccError(
            f"Model {model!r} comes with code of its own, which is never run here.",
            where="--model",
            hint="choose a model whose architecture transformers ships",
        )
    if kind not in CONFIG_MAPPING:
        raise MlccError(
            f"Model {model!r} has the architecture {kind!r}, which this version of transformers "
            "does not know.",
            where="--model",
            hint=f"{install_command('-U', 'transformers')}   "
            "# if that does not help: another --model",
        )
    if kind in modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES:
        if kind.startswith(QWEN):
            return
        raise _seeing(model, kind)
    encoders = (
        modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES,
        modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
        modeling_auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
    )
    decodes = values.get("is_decoder") or values.get("causal")
    if kind not in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or (
        any(kind in table for table in encoders) and not decodes
    ):
        raise _not_causal(model, kind, "it does not predict the next token of a text")


def check_plainly(config: Config, model: str) -> None:
    """Refuse what a config alone shows not to be a causal language model.

    Raises:
        MlccError: it names the architecture.
    """
    kind = config.get("model_type")
    if not isinstance(kind, str) or not kind:
        raise MlccError(
            f"The config of model {model!r} has no model_type, expected one.",
            where="--model",
            hint=HINT,
        )
    if config.get("is_encoder_decoder"):
        raise _not_causal(model, kind, "an encoder and a decoder")
    classes = config.get("architectures")
    named = [name for name in classes if isinstance(name, str)] if isinstance(classes, list) else []
    if named and all(OTHER_TASKS.search(name) for name in named):
        raise _not_causal(model, named[0], "its head does not predict the next token of a text")
    if _senses(config) and not is_vision_language(config):
        raise _seeing(model, kind)


def _senses(config: Config) -> list[str]:
    return [part for part in MODALITY_CONFIGS if config.get(part)]


def _seeing(model: str, kind: str) -> MlccError:
    return MlccError(
        f"Model {model!r} ({kind}) takes images or sound, expected a language model; of those "
        "that see, only the family Qwen is trained here, on text.",
        where="--model",
        hint=HINT,
    )


def _not_causal(model: str, kind: str, why: str) -> MlccError:
    return MlccError(
        f"Model {model!r} is {kind!r}, expected a causal language model: {why}.",
        where="--model",
        hint=HINT,
    )
