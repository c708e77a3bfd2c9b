"""Training, sampling and asking put a model into the same place, whatever its family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine import generate
from mlcc_engine.model import models
from mlcc_tokens.rendering import render
from mlcc_tokens.reply import give_schema, take_apart
from mlcc_tokens.templates.chat import Chat, prepare
from mlcc_tokens.templates.trial import ids_of
from tests.libs.mlcc_engine import families

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]  # as in the process that trains

TALK = {
    "prompt": [{"role": "user", "content": "What is the capital of France?"}],
    "completion": [{"role": "assistant", "content": "It is Paris, as ever."}],
}
THOUGHT = "<think>\nA large city.\n</think>\n\nIt is Paris, as ever."


def chat_of(name: str, thinking: Any = None) -> Chat:
    tokenizer = families.tokenizer(families.template(name))
    give_schema(tokenizer)
    return prepare(tokenizer, name, thinking)


def trained(chat: Chat, model: Any, talk: Any, folder: Path) -> Any:
    """The first row as TRL's trainer gives it to the model."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    config = SFTConfig(str(folder), report_to="none", use_cpu=True, bf16=False, max_length=None)
    return SFTTrainer(
        model=model,
        args=config,
        train_dataset=Dataset.from_list([talk]),
        processing_class=chat.tokenizer,
    ).train_dataset[0]


def sampler(chat: Chat, model: Any, folder: Path) -> Any:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    config = GRPOConfig(str(folder), report_to="none", use_cpu=True, bf16=False)
    return GRPOTrainer(
        model=model,
        reward_funcs=[lambda completions, **_: [0.0] * len(completions)],
        args=config,
        train_dataset=Dataset.from_list([{"prompt": TALK["prompt"]}]),
        processing_class=chat.tokenizer,
    )


def asked(chat_model: generate.ChatModel) -> tuple[list[int], generate.Reply]:
    """What the model is given when it is asked, and its reply."""
    given = []
    answer = chat_model.model.generate
    chat_model.model.generate = lambda **inputs: (
        given.append(inputs["input_ids"]) or answer(**inputs)
    )
    (reply,) = chat_model.reply([TALK["prompt"]], 8)
    return given[0][0].tolist(), reply


def teach_to_end(model: Any, prompt: list[int], end: int) -> None:
    """Set the output weights so that ``end`` is what follows ``prompt``."""
    import torch

    with torch.no_grad():
        hidden = model.model(torch.tensor([prompt])).last_hidden_state[0, -1]
        model.lm_head.weight.zero_()
        model.lm_head.weight[end] = hidden


@pytest.mark.slow
@pytest.mark.parametrize("thinking", [None, "on"])
@pytest.mark.parametrize("name", families.names())
def test_one_place_and_one_end(name: str, thinking: Any, tmp_path: Path) -> None:
    if thinking and chat_of(name).thinking is None:
        with pytest.raises(MlccError, match="knows no thoughts"):
            chat_of(name, thinking)
        return
    chat = chat_of(name, thinking)
    model = families.model(len(chat.tokenizer))
    models.end_turns(model, chat)
    for reply in (TALK["completion"][0]["content"], *([THOUGHT] if thinking else [])):
        talk = {**TALK, "completion": [{"role": "assistant", "content": reply}]}
        row = trained(chat, model, talk, tmp_path)
        learned = [i for i, label in enumerate(row["labels"]) if label != -100]
        prompt = row["input_ids"][: learned[0]]
        assert render(chat.tokenizer, [talk])[0].fault is None
        teach_to_end(model, prompt, chat.ends[0])
        given, said = asked(generate.ChatModel(model, chat))
        assert given == prompt
        trainer = sampler(chat, model, tmp_path)
        assert trainer._tokenize_prompts([TALK["prompt"]])[0] == [prompt]
        # The end of the turn is learned, ends a reply that is asked for, and one that is sampled.
        assert chat.ends[0] in [row["labels"][i] for i in learned]
        assert (said.ended, said.tokens, said.content) == (True, 1, "")
        assert set(chat.ends) <= set(trainer.eos_token_ids)
        # A reply as it was trained is read as its content, its thoughts apart.
        read = take_apart(chat, row["input_ids"][learned[0] :], prompt)
        assert read.content == "It is Paris, as ever."
        assert read.thoughts == ("A large city." if "think" in reply else "")
        bos = chat.tokenizer.bos_token_id
        assert row["input_ids"].count(bos) <= 1


@pytest.mark.parametrize("name", families.names())
def test_what_is_saved_says_the_same(name: str, tmp_path: Path) -> None:
    chat = chat_of(name)
    model = families.model(len(chat.tokenizer))
    models.end_turns(model, chat)
    model.save_pretrained(tmp_path)
    chat.tokenizer.save_pretrained(tmp_path)
    again = models.load_tokenizer(str(tmp_path))
    assert (again.ends, again.thinking, again.lead) == (chat.ends, chat.thinking, chat.lead)
    assert again.tokenizer.chat_template == chat.tokenizer.chat_template
    ends = models.load_model(str(tmp_path), model.dtype).generation_config.eos_token_id
    assert set(chat.ends) <= set(ends if isinstance(ends, list) else [ends])


@pytest.mark.parametrize("name", ["deepseek_r1_distill", "glm4moe", "qwen3", "qwen3_8"])
def test_choice_of_thinking_is_kept_and_may_change(name: str, tmp_path: Path) -> None:
    chat_of(name, "on").tokenizer.save_pretrained(tmp_path)
    assert models.load_tokenizer(str(tmp_path)).thinking == "on"
    changed = models.load_tokenizer(str(tmp_path), "off")
    assert changed.tokenizer.chat_template == chat_of(name, "off").tokenizer.chat_template


@pytest.mark.parametrize("name", ["deepseek_r1_distill", "qwen3", "qwen3_8", "glm4moe"])
def test_thought_without_thinking_is_an_error(name: str) -> None:
    talk = {**TALK, "completion": [{"role": "assistant", "content": THOUGHT}]}
    (row,) = render(chat_of(name).tokenizer, [talk])
    assert row.fault is not None
    assert "--thinking on" in row.fault


def test_text_that_a_template_drops_is_an_error() -> None:
    dropping = (
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role != 'system' %}"
        "{{ m.content.split('###')[0] }}{% endif %}</s>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    tokenizer = prepare(families.tokenizer(dropping), "it").tokenizer
    cut = [{"role": "assistant", "content": "Yes. ### No."}]
    system = [{"role": "system", "content": "Be brief."}, *TALK["prompt"]]
    faults = [
        row.fault
        for row in render(
            tokenizer,
            [TALK, {**TALK, "completion": cut}, {**TALK, "prompt": system}],
        )
    ]
    assert faults[0] is None
    assert "drops text of the reply: '### No.'" not in str(faults[1])
    assert "drops text of the reply" in str(faults[1])
    assert "drops the system message 'Be brief.'" in str(faults[2])


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{% for m in messages %}{{ m.role }}{% endfor %}", "drops the text"),
        ("{{ raise_exception('Only for tools') }}", "Only for tools"),
        (
            (
                "{% if add_generation_prompt %}{% for m in messages %}{{ m.content }}{% endfor %}<"
                "a>"
                "{% else %}{% for m in messages %}{{ m.content }}</s>{% endfor %}{% endif %}"
            ),
            "differently once a reply follows",
        ),
    ],
)
def test_template_that_cannot_be_used_is_refused(template: str, says: str) -> None:
    with pytest.raises(MlccError, match=says):
        prepare(families.tokenizer(template), "it")


def test_a_blank_at_the_end_of_a_prompt_is_cut() -> None:
    blank = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}</s>{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
    )
    chat = prepare(families.tokenizer(blank), "it")
    prompt = chat.tokenizer.apply_chat_template(
        TALK["prompt"], tokenize=False, add_generation_prompt=True
    )
    assert prompt.endswith("assistant:")
    assert render(chat.tokenizer, [TALK])[0].fault is None


def test_a_turn_that_nothing_ends_is_ended() -> None:
    endless = (
        "{% for m in messages %}{{ '[' ~ m.role ~ ']' }}{{ m.content }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    chat = prepare(families.tokenizer(endless), "it")
    (row,) = render(chat.tokenizer, [TALK])
    assert row.prompt_with_each_reply[0].endswith("as ever.</s>")
    assert chat.ends == (chat.tokenizer.eos_token_id,)


def test_a_second_beginning_of_sequence_is_cut() -> None:
    twice = "<s>" + str(families.template("llama3"))
    chat = prepare(families.tokenizer(twice), "it")
    (row,) = render(chat.tokenizer, [TALK])
    ids = ids_of(chat.tokenizer, row.prompt_with_each_reply[0])
    assert ids.count(chat.tokenizer.bos_token_id) == 1


def test_thinking_is_refused_where_nobody_knows_it() -> None:
    with pytest.raises(MlccError, match="knows no thoughts") as caught:
        chat_of("llama3", "on")
    assert caught.value.where == "--thinking"
