"""Models of the public hub: a few that differ in what matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.aws_account.hub import evaluation
from tests.aws_account.hub.hubs import Hubs
from tests.aws_account.hub.recipes import BUCKET, REINFORCED, TECHNIQUES, Engine, Recipe

REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = f"{REGISTRY}/djl-inference:0.36.0-lmi18.0.0-cu128"
BOTH = ("lora", "full")


@dataclass(frozen=True)
class Model:
    """A model of the hub.

    Attributes:
        id: its name in the hub.
        gated: whether its licence must be accepted.
        instance: default instance type to serve it.
        accelerators: that it needs there.
        engine: of its SFT and DPO recipes; reinforcement learning always uses ``verl``.
        kilotokens: sequence lengths of the SFT LoRA recipes; the first is everybody's.
        types: training types by technique.
    """

    id: str
    gated: bool = False
    instance: str = "ml.g5.2xlarge"
    accelerators: int = 1
    engine: Engine = "llmft"
    kilotokens: tuple[int, ...] = (8,)
    types: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: dict.fromkeys(TECHNIQUES, BOTH)
    )

    def recipes(self) -> list[Recipe]:
        first, *more = self.kilotokens
        made = [
            Recipe(name, kind == "lora", "verl" if name in REINFORCED else self.engine, first)
            for name, types in self.types.items()
            for kind in types
        ]
        longer = more if "lora" in self.types.get("SFT", ()) else []
        return made + [Recipe("SFT", True, self.engine, length) for length in longer]

    def hosting(self) -> list[dict[str, Any]]:
        requirements = {
            "NumberOfAcceleratorDevicesRequired": self.accelerators,
            "NumberOfCpuCoresRequired": 2,
            "MinMemoryRequiredInMb": 8192,
        }
        environment = {
            "HF_MODEL_ID": "/opt/ml/model",
            "OPTION_ROLLING_BATCH": "vllm",
            "OPTION_TENSOR_PARALLEL_DEGREE": str(self.accelerators),
        }
        return [
            {
                "Profile": "Default",
                "InstanceType": self.instance,
                "SupportedInstanceTypes": [self.instance, "ml.g5.12xlarge"],
                "EcrAddress": IMAGE,
                "Environment": environment,
                "ComputeResourceRequirements": requirements,
            }
        ]

    def document(self) -> dict[str, Any]:
        """The ``HubContentDocument``."""
        hosting = self.hosting()
        cache = "jumpstart-private-cache-prod-us-east-1" if self.gated else BUCKET
        made: dict[str, Any] = {
            "Url": f"https://example.com/{self.id}",
            "GatedBucket": self.gated,
            "HostingArtifactUri": f"s3://{cache}/{self.id}/artifacts/inference/v1.0.0/",
            "HostingEcrUri": IMAGE,
            "HostingConfigs": hosting,
            "DefaultInferenceInstanceType": self.instance,
            "RecipeCollection": [
                *(recipe.entry(hosting) for recipe in self.recipes()),
                evaluation.entry(),
            ],
        }
        if self.gated:
            made["HostingEulaUri"] = f"s3://{cache}/{self.id}/eula.txt"
        return made

    def keywords(self) -> list[str]:
        lora = {r.technique.lower() for r in self.recipes() if r.lora}
        return [f"@recipe:finetuning_{technique}_lora" for technique in sorted(lora)]


LORA_ONLY: dict[str, tuple[str, ...]] = dict.fromkeys(TECHNIQUES, ("lora",))
PUBLISHED = (
    Model("huggingface-reasoning-qwen3-06b", kilotokens=(8, 16)),
    Model("huggingface-llm-qwen2-5-7b-instruct"),
    Model(
        "huggingface-llm-qwen2-5-72b-instruct",
        instance="ml.p4d.24xlarge",
        accelerators=8,
        types={**LORA_ONLY, "SFT": BOTH},
    ),
    Model(
        "huggingface-vlm-qwen3-5-4b",
        engine="verl",
        types={technique: BOTH for technique in TECHNIQUES if technique != "DPO"},
    ),
    Model("meta-textgeneration-llama-3-2-1b-instruct", gated=True),
    Model("meta-textgeneration-llama-3-1-8b-instruct", gated=True, kilotokens=(8, 16)),
    Model("openai-reasoning-gpt-oss-120b", instance="ml.p5.48xlarge", types=LORA_ONLY),
)


def publish_one(hubs: Hubs, model: Model, title: str | None = None) -> dict[str, bytes]:
    """Put a model into the public hub; returns the objects that AWS's bucket must hold, by key."""
    hubs.publish(model.id, model.document(), keywords=model.keywords(), title=title)
    return {key: data for recipe in model.recipes() for key, data in recipe.objects().items()}


def publish(hubs: Hubs, models: tuple[Model, ...] = PUBLISHED) -> dict[str, bytes]:
    """Put models into the public hub; returns the objects of :func:`publish_one` for all."""
    objects = evaluation.objects()
    for model in models:
        objects |= publish_one(hubs, model)
    return objects
