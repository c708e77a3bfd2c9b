"""The models that Custom Model Import takes, and where; checked before anything is created.

By AWS's page model-customization-import-model.html of the Bedrock User Guide, as public summaries
of 5 October 2026 quote it: architectures, regions, size, context and number formats. GPT-OSS is
taken in us-east-1 alone. AWS asks for models that transformers 4.51.3 can read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core import MlccError

PAGE = "https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-import-model.html"

REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-central-1")

FAMILIES: Mapping[str, str] = {
    "LlamaForCausalLM": "Llama",
    "MllamaForConditionalGeneration": "MLlama",
    "MistralForCausalLM": "Mistral",
    "MixtralForCausalLM": "Mixtral",
    "T5ForConditionalGeneration": "Flan",
    "GPTBigCodeForCausalLM": "GPTBigCode",
    "Qwen2ForCausalLM": "Qwen2",
    "Qwen2VLForConditionalGeneration": "Qwen2VL",
    "Qwen2_5_VLForConditionalGeneration": "Qwen2-5-VL",
    "Qwen3ForCausalLM": "Qwen2",
    "Qwen3MoeForCausalLM": "Qwen2",
    "GptOssForCausalLM": "OSS",
}
"""Architectures, as ``config.json`` names them, to the family whose price they have.

The families are those of the price list's usage types (``USE1-Llama-CustomModelImport-…``).
"""

ONLY_IN: Mapping[str, tuple[str, ...]] = {"GptOssForCausalLM": ("us-east-1",)}
"""Architectures that fewer regions take."""

FORMATS = ("float32", "float16", "bfloat16")
PACKED: Mapping[str, str] = {"GptOssForCausalLM": "mxfp4"}
"""Quantized formats that are taken, by architecture: others are not."""

GB = 10**9
LARGEST_TEXT, LARGEST_IMAGES = 200 * GB, 100 * GB
LONGEST = 131_072
"""Tokens of context that Bedrock serves."""

TOKENIZERS = ("tokenizer.json", "tokenizer.model")
TOKENIZER_CONFIG = "tokenizer_config.json"
WEIGHTS = ".safetensors"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of a whole model, as far as they decide whether it is taken.

    Attributes:
        place: for people: its folder, or its URI.
        config: its ``config.json``.
        sizes: bytes by file name.
    """

    place: str
    config: Mapping[str, Any]
    sizes: Mapping[str, int]

    @property
    def architecture(self) -> str:
        """Return the class that ``config.json`` names; empty where it names none."""
        named = self.config.get("architectures")
        return str(named[0]) if isinstance(named, list) and named else ""

    @property
    def weight_bytes(self) -> int:
        """Return the bytes of its weights."""
        return sum(size for name, size in self.sizes.items() if name.endswith(WEIGHTS))


def check_region(region: str) -> None:
    """Refuse a region without Custom Model Import.

    Raises:
        MlccError: with the regions that have it.
    """
    if region not in REGIONS:
        raise MlccError(
            f"Bedrock imports no models in {region}, expected one of {', '.join(REGIONS)}.",
            where="AWS_REGION",
            hint=f"export AWS_REGION={REGIONS[0]}",
        )


def check_model(model: ModelFiles, region: str, where: str) -> None:
    """Refuse a model that an import would fail with.

    Args:
        model: its files.
        region: where it is imported.
        where: the flag that names it.

    Raises:
        MlccError: what is wrong with it, and what is expected.
    """
    problem = next(_problems(model, region), None)
    if problem is not None:
        raise MlccError(
            f"Bedrock does not import the model at {model.place}: {problem}.",
            where=where,
            hint=f"see {PAGE}",
        )


def _problems(model: ModelFiles, region: str) -> Iterator[str]:
    architecture = model.architecture
    if architecture not in FAMILIES:
        yield (
            f"its architecture is {architecture or 'not named in config.json'}, expected one of "
            f"{', '.join(FAMILIES)}"
        )
    regions = ONLY_IN.get(architecture, REGIONS)
    if region not in regions:
        yield f"{architecture} is taken in {', '.join(regions)} alone, and this is {region}"
    yield from _format_problems(model)
    largest = LARGEST_TEXT if "vision_config" not in model.config else LARGEST_IMAGES
    if model.weight_bytes > largest:
        size = f"{model.weight_bytes / GB:,.0f} GB"
        yield f"its weights have {size}, expected at most {largest // GB} GB"
    if not model.weight_bytes:
        yield "it has no weights, expected files that end in .safetensors"
    if TOKENIZER_CONFIG not in model.sizes:
        yield f"{TOKENIZER_CONFIG} is missing"
    if not any(name in model.sizes for name in TOKENIZERS):
        yield f"its tokenizer is missing, expected {' or '.join(TOKENIZERS)}"


def _format_problems(model: ModelFiles) -> Iterator[str]:
    quantized = model.config.get("quantization_config")
    if isinstance(quantized, Mapping):
        method = str(quantized.get("quant_method") or "unknown")
        if PACKED.get(model.architecture) != method:
            yield f"it is quantized ({method}), expected {', '.join(FORMATS)}"
        return
    dtype = dtype_of(model.config)
    if dtype is not None and dtype not in FORMATS:
        yield f"its weights are {dtype}, expected {', '.join(FORMATS)}"


def dtype_of(config: Mapping[str, Any]) -> str | None:
    """Return the number format that a ``config.json`` names, by its old or its new key."""
    named = config.get("torch_dtype") or config.get("dtype")
    return None if named is None else str(named).removeprefix("torch.")


def remarks(model: ModelFiles) -> Iterator[str]:
    """Yield what a user should know of a model that is taken."""
    longest = model.config.get("max_position_embeddings")
    if isinstance(longest, int) and longest > LONGEST:
        yield f"⚠️  Its context has {longest:,} tokens; Bedrock serves {LONGEST:,} at most."
