"""Recipes of the public hub: override parameters and templates like the published ones.

Names, types, defaults and ranges follow AWS's published recipes: the ``llmft`` kind for SFT and
DPO, the ``verl`` kind for reinforcement learning and for every recipe of some models. They differ
from recipe to recipe, as the real ones do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

BUCKET = "jumpstart-cache-prod-us-east-1"
Engine = Literal["llmft", "verl"]
Spec = dict[str, Any]

TECHNIQUES = ("SFT", "DPO", "RLAIF", "RLVR")
REINFORCED = frozenset({"RLAIF", "RLVR"})
RANKS = [8, 16, 32, 64, 128]
LEAST_BATCH = {"SFT": 8, "DPO": 16}
JUDGE_PROMPTS = ["cot", "evaluate", "faithfulness", "summarize", "grader"]
PRESET_REWARDS = ["gsm8k", "prime_code", "prime_math"]


def integer(default: int, least: int, most: int) -> Spec:
    return {"type": "integer", "required": False, "default": default, "min": least, "max": most}


def real(default: float, least: float, most: float) -> Spec:
    return {"type": "float", "required": False, "default": default, "min": least, "max": most}


def choice(default: Any, *values: Any) -> Spec:
    kind = "integer" if isinstance(values[0], int) else "string"
    return {"type": kind, "required": False, "default": default, "enum": list(values)}


def text(default: str = "") -> Spec:
    return {"type": "string", "required": False, "default": default}


def flag(default: bool) -> Spec:
    return {"type": "boolean", "required": False, "default": default}


@dataclass(frozen=True)
class Recipe:
    """One recipe: which technique with which training type on which engine.

    Attributes:
        technique: ``SFT``, ``DPO``, ``RLAIF``, ``RLVR``.
        lora: LoRA, else full rank.
        engine: ``llmft`` or ``verl``.
        kilotokens: of ``SequenceLength``.
    """

    technique: str
    lora: bool
    engine: Engine
    kilotokens: int = 8

    @property
    def name(self) -> str:
        kind = "lora" if self.lora else "fft"
        return f"{self.engine}-{self.technique.lower()}-{kind}-seq{self.kilotokens}k"

    @property
    def prefix(self) -> str:
        return f"recipes/{self.name}"

    def parameters(self) -> dict[str, Spec]:
        """The override parameters document."""
        specs = {**_plumbing(), **_training(self)}
        if self.technique in REINFORCED:
            specs |= _reinforced(self)
        if self.technique == "DPO":
            specs["adam_beta"] = real(0.1, 0.0, 1.0)
        if self.lora:
            specs["lora_rank"] = choice(32, *RANKS)
            specs["lora_alpha"] = integer(32, 16, 256)
            if self.engine == "llmft":
                specs["lora_dropout"] = real(0.05, 0.0, 1.0)
                specs["merge_weights"] = flag(True)
        return specs

    def template(self) -> str:
        """The recipe as YAML with a ``{{name}}`` for every parameter."""
        lines = ["run:"]
        plumbing = _plumbing()
        lines += [f"  {name}: '{{{{{name}}}}}'" for name in plumbing]
        lines.append("training_config:")
        lines += [
            f"  {name}: '{{{{{name}}}}}'" for name in self.parameters() if name not in plumbing
        ]
        return "\n".join(lines) + "\n"

    def entry(self, hosting: list[Spec]) -> Spec:
        """The recipe in a model's ``RecipeCollection``."""
        kind = "LoRA" if self.lora else "full fine-tuning"
        metering = "Hourly" if self.technique in REINFORCED else "Token-based"
        made: Spec = {
            "Name": self.name,
            "DisplayName": f"{self.technique} with {kind}",
            "Type": "FineTuning",
            "CustomizationTechnique": self.technique,
            "SequenceLength": f"{self.kilotokens}K",
            "Versions": ["1.0.0"],
            "Hardware": "GPU",
            "ServerlessMeteringType": metering,
            "SmtjRecipeTemplateS3Uri": f"s3://{BUCKET}/{self.prefix}/recipe.yaml",
            "SmtjOverrideParamsS3Uri": f"s3://{BUCKET}/{self.prefix}/override_params.json",
            "SmtjImageUri": "327873000638.dkr.ecr.us-east-1.amazonaws.com/hyperpod-recipes:latest",
            "HostingConfigs": hosting,
        }
        return made | ({"Peft": "LORA"} if self.lora else {})

    def objects(self) -> dict[str, bytes]:
        """The recipe's objects in AWS's bucket, by key."""
        return {
            f"{self.prefix}/recipe.yaml": self.template().encode(),
            f"{self.prefix}/override_params.json": json.dumps(self.parameters()).encode(),
        }


def _plumbing() -> dict[str, Spec]:
    names = (
        "name",
        "data_path",
        "validation_data_path",
        "output_path",
        "results_directory",
        "model_name_or_path",
        "resume_from_path",
        "mlflow_tracking_uri",
        "mlflow_experiment_name",
        "mlflow_run_name",
        "namespace",
    )
    return {name: text() for name in names}


def _training(recipe: Recipe) -> dict[str, Spec]:
    llmft = recipe.engine == "llmft"
    least = LEAST_BATCH.get(recipe.technique, 128) if llmft else 32
    if recipe.technique in REINFORCED:
        least = 128 if recipe.lora else 64
    rate = real(1e-5 if llmft else 1e-4, 5e-7 if llmft else 1e-7, 1e-4 if llmft else 1e-3)
    specs = {
        "max_epochs": integer(2, 1, 100),
        "global_batch_size": choice(least, *(least * 2**n for n in range(5))),
        "learning_rate": rate,
        "weight_decay": real(0.01, 0.0, 1.0),
        "lr_scheduler": choice("cosine", "cosine", "linear", "constant"),
        "seed": integer(42, 0, 2**31 - 1),
        "logging_steps": integer(1, 1, 1000),
        "gradient_clipping_threshold": real(1.0, 0.0, 10.0),
    }
    if not llmft:
        return specs | {"warmup_steps": integer(10, 0, 1000), "min_lr": real(0.0, 0.0, 1e-3)}
    return specs | {
        "lr_warmup_steps_ratio": real(0.1, 0.0, 1.0),
        "dataset_max_len": integer(4096, 512, recipe.kilotokens * 1024),
        "train_val_split_ratio": real(0.9, 0.0, 1.0),
        "temperature": real(1.0, 0.0, 2.0),
    }


def _reinforced(recipe: Recipe) -> dict[str, Spec]:
    specs = {
        "max_prompt_length": integer(1024, 128, recipe.kilotokens * 1024),
        "max_response_length": integer(1024, 128, recipe.kilotokens * 1024),
        "clip_ratio": real(0.2, 0.0, 1.0),
        "clip_ratio_high": real(0.28, 0.0, 1.0),
        "clip_ratio_low": real(0.2, 0.0, 1.0),
        "kl_loss_coef": real(0.001, 0.0, 1.0),
        "use_kl_loss": flag(True),
        "rollout_n": integer(8, 2, 64),
        "rollout_temperature": real(1.0, 0.0, 2.0),
    }
    if recipe.technique == "RLVR":
        return specs | {
            "preset_reward_function": choice("", "", *PRESET_REWARDS),
            "reward_lambda_arn": text(),
        }
    return specs | {
        "judge_model_id": text(),
        "judge_prompt_template": choice(JUDGE_PROMPTS[0], *JUDGE_PROMPTS),
    }
