"""Lines with which a model is loaded in other programs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from mlcc_core.actions.card.base import Base
from mlcc_core.actions.card.form import Shape
from mlcc_core.helpers.hints.lora import vllm_with_adapter

OF_GGUF = ("ollama create tuned -f *.Modelfile", "llama-server -m *.gguf")


def loading(
    base: Base, place: str | None, shape: Shape, *, rank: int | None = None
) -> Iterator[str]:
    """Yield the lines of a card that load a model.

    Args:
        base: the base model.
        place: the model's name on a hub; ``None`` for a folder.
        shape: of its files.
        rank: of the adapter.
    """
    if place is None:
        yield "In the folder of this file:"
        yield ""
    if shape.form == "gguf":
        yield from ("```sh", *OF_GGUF, "```")
        return
    yield "```python"
    yield from in_python(place or ".", adapter=shape.adapter)
    yield "```"
    if commands := list(in_shell(base, place or ".", adapter=shape.adapter, rank=rank)):
        yield ""
        yield "```sh"
        yield from commands
        yield "```"
    if shape.adapter and not base.on_hub:
        yield ""
        yield (
            f"No name on a hub is known for its base, `{base.name}`: other programs need a copy of "
            "it."
        )


ASKED = (
    'messages = [{"role": "user", "content": "Hello"}]',
    "inputs = tokenizer.apply_chat_template(",
    '    messages, add_generation_prompt=True, return_dict=True, return_tensors="pt"',
    ")",
    "reply = model.generate(**inputs, max_new_tokens=200)[0, inputs.input_ids.shape[1] :]",
    "print(tokenizer.decode(reply, skip_special_tokens=True))",
)
"""Lines of Python that ask a model which is loaded."""


def in_python(place: str, *, adapter: bool) -> Iterator[str]:
    """Yield the lines of Python that load a model and its tokenizer, and ask it."""
    kind = "AutoPeftModelForCausalLM" if adapter else "AutoModelForCausalLM"
    yield f"from {'peft' if adapter else 'transformers'} import {kind}"
    yield "from transformers import AutoTokenizer"
    yield ""
    yield f'model = {kind}.from_pretrained("{place}")'
    yield f'tokenizer = AutoTokenizer.from_pretrained("{place}")'
    yield from ASKED


def in_shell(base: Base, place: str, *, adapter: bool, rank: int | None = None) -> Iterator[str]:
    """Yield the commands that serve a model, and add it to another project; see :func:`loading`."""
    if not adapter:
        yield f"vllm serve {shlex.quote(place)}"
        return
    name = place.rpartition("/")[2].strip(".") or "tuned"
    if base.on_hub:
        module = shlex.quote(f"{name}={place}")
        yield vllm_with_adapter(shlex.quote(base.name), module, rank or 0)
    source = "--weights ." if place == "." else f"--from-hub {place}"
    yield f"mlcc adapter add tuned {source}"
