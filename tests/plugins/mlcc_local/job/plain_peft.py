"""An adapter on its untouched base as anyone loads it: PEFT and transformers, nothing of ours."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any


def answer(base: str, adapter: Path, prompt: str, *, ends: Any, longest: int) -> str:
    """The most likely reply.

    Args:
        base: the folder of the base model.
        adapter: the folder of the adapter, with its tokenizer.
        prompt: of a user.
        ends: tokens that end a reply.
        longest: reply in tokens.
    """
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model: Any = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(base), str(adapter)
        )
    tokenizer = AutoTokenizer.from_pretrained(adapter)
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}],
        add_generation_prompt=True,
        return_dict=True,
        return_tensors="pt",
    )
    made = model.eval().generate(
        **asked, do_sample=False, max_new_tokens=longest, eos_token_id=ends, pad_token_id=0
    )
    return str(tokenizer.decode(made[0, asked["input_ids"].shape[1] :], skip_special_tokens=True))
