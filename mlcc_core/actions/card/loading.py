"""Lines of a card that load the model in other programs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from mlcc_core.actions.card.base import Base


def loading(base: Base, place: str | None, *, adapter: bool) -> Iterator[str]:
    """Yield the lines that load a model.

    Args:
        base: the base model.
        place: the model's name on a hub; ``None`` for a folder.
        adapter: it is an adapter, and not a whole model.
    """
    where = place or "."
    if place is None:
        yield "In the folder of this file:"
        yield ""
    yield "```python"
    if adapter:
        yield "from peft import AutoPeftModelForCausalLM"
        yield "from transformers import AutoTokenizer"
        yield ""
        yield f'model = AutoPeftModelForCausalLM.from_pretrained("{where}")'
    else:
        yield "from transformers import AutoModelForCausalLM, AutoTokenizer"
        yield ""
        yield f'model = AutoModelForCausalLM.from_pretrained("{where}")'
    yield f'tokenizer = AutoTokenizer.from_pretrained("{where}")'
    yield "```"
    yield ""
    yield "```sh"
    if adapter:
        name = where.rpartition("/")[2] if place else "tuned"
        module = shlex.quote(f"{name}={where}")
        if base.on_hub:
            yield f"vllm serve {shlex.quote(base.name)} --enable-lora --lora-modules {module}"
        source = f"--from-hub {place}" if place else "--weights ."
        yield f"mlcc adapter add tuned {source}"
    else:
        yield f"vllm serve {shlex.quote(where)}"
    yield "```"
    if not base.on_hub:
        yield ""
        yield f"Its base, `{base.name}`, is on no hub: other programs need a copy of it."
