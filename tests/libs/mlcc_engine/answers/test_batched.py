"""Batches change nothing: replies and log-probabilities are those of rows asked alone."""

import json
import re
import shutil
import statistics
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.answers import batches
from mlcc_engine.answers.log_probabilities import log_probabilities
from mlcc_engine.answers.models import Models, Weights
from mlcc_engine.answers.prompts import Asked, Encoder
from mlcc_engine.answers.replies import replies
from mlcc_engine.generate import ChatModel
from mlcc_tokens.messages import Message
from tests.libs.mlcc_engine.answers.models import Made
from tests.libs.mlcc_engine.trainings import FACTS, Train

pytestmark = pytest.mark.slow

PROMPTS = [
    "Hi",
    "What is the capital of France?",
    "Say it again, and again, and once more, until nobody can hear it any longer.",
    "",
    "日本語 and 🙂",
]


def asked(text: str) -> Asked:
    return Asked([{"role": "user", "content": text}])


@pytest.fixture(scope="module")
def tiny(cache: Path) -> Models:
    return Models(cache)


@pytest.fixture(scope="module")
def learned(train: Train) -> str:
    """An adapter that ends its replies."""
    rows = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
    return str(train(rows, hyperparameters={"num_train_epochs": 40}).output)


def answered(model: ChatModel, texts: list[str], longest: int = 24) -> dict[int, object]:
    encoder = Encoder(model)
    ids = encoder.prompts([asked(text) for text in texts])
    return {
        place: reply
        for places, said in replies(model, ids, longest, encoder.context)
        for place, reply in zip(places, said, strict=True)
    }


def measured(model: ChatModel, pairs: list[tuple[str, str]]) -> dict[int, list[float]]:
    passages = Encoder(model).passages([(asked(prompt), reply) for prompt, reply in pairs])
    return {
        place: values
        for places, found in log_probabilities(model, passages)
        for place, values in zip(places, found, strict=True)
    }


@pytest.mark.parametrize("adapted", [False, True])
def test_replies_are_those_of_prompts_asked_alone(
    tiny: Models, learned: str, *, adapted: bool
) -> None:
    with tiny.ready(Weights("mlcc-tiny", learned if adapted else None)) as model:
        together = answered(model, [*PROMPTS, *FACTS])
        alone = [answered(model, [text])[0] for text in [*PROMPTS, *FACTS]]
        plain = [
            model.reply([[Message(role="user", content=text)]], 24)[0]
            for text in [*PROMPTS, *FACTS]
        ]
    assert [together[place] for place in range(len(alone))] == alone == plain
    if adapted:
        assert [alone[place].content for place in range(len(PROMPTS), len(alone))] == list(
            FACTS.values()
        )
        assert all(reply.ended for reply in alone[len(PROMPTS) :])


def test_each_adapter_answers_as_itself(tiny: Models, learned: str, made: Made) -> None:
    question = next(iter(FACTS))
    with tiny.ready(Weights("mlcc-tiny", learned)) as model:
        first = answered(model, [question])[0]
    with tiny.ready(Weights("mlcc-tiny", str(made.unchanged))) as model:
        zeros = answered(model, [question])[0]
    with tiny.ready(Weights("mlcc-tiny")) as model:
        base = answered(model, [question])[0]
    with tiny.ready(Weights("mlcc-tiny", learned)) as model:
        again = answered(model, [question])[0]
    assert first == again != base
    assert zeros == base


def test_an_adapter_with_a_tokenizer_of_its_own_leaves_the_base_as_it_was(
    cache: Path, made: Made, tmp_path: Path
) -> None:
    """Its replies end with a letter that those of the base have, which go on after it."""
    folder = Path(shutil.copytree(made.unchanged, tmp_path / "other"))
    weights, models = Weights("mlcc-tiny", str(folder)), Models(cache)
    with models.ready(Weights("mlcc-tiny")) as model:
        before = answered(model, list(FACTS))
    letter = re.search("[a-z]", " ".join(reply.content for reply in before.values()))[0]
    config = folder / "tokenizer_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "eos_token": letter}))
    with models.ready(weights) as model:
        adapted = answered(model, list(FACTS))
        plain = [model.reply([[Message(role="user", content=text)]], 24)[0] for text in FACTS]
    with models.ready(Weights("mlcc-tiny")) as model:
        after = answered(model, list(FACTS))
    assert before == after != adapted
    assert [adapted[place] for place in range(len(plain))] == plain


def test_log_probabilities_are_those_of_passages_alone(tiny: Models) -> None:
    pairs = [(text, f"{text} {'yes ' * len(text)}") for text in [*PROMPTS, *FACTS]]
    with tiny.ready(Weights("mlcc-tiny")) as model:
        together = measured(model, pairs)
        for place, pair in enumerate(pairs):
            assert together[place] == pytest.approx(measured(model, [pair])[0], abs=1e-4)


@pytest.mark.parametrize("whole", [False, True])
def test_the_mean_is_the_held_out_loss_of_a_training(
    train: Train, tiny: Models, tmp_path: Path, *, whole: bool
) -> None:
    """Training takes the mean of a batch's tokens, then that of its rows."""

    def row(prompt: str, reply: str) -> dict[str, object]:
        if not whole:
            return {"prompt": prompt, "completion": reply}
        return {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": prompt},
                {"role": "assistant", "content": reply},
            ]
        }

    rows = [row(*fact) for fact in FACTS.items()]
    held = [row(f"Please: {prompt}", reply) for prompt, reply in FACTS.items()]
    file = tmp_path / "held_out.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in held))
    done = train(rows, validation=str(file), hyperparameters={"num_train_epochs": 4})
    system = [{"role": "system", "content": "Be brief."}] if whole else []
    for weights, reported in (
        (Weights("mlcc-tiny"), done.outcome.metrics["held_out_loss_before"]),
        (Weights("mlcc-tiny", str(done.output)), done.outcome.metrics["held_out_loss_best"]),
    ):
        with tiny.ready(weights) as model:
            passages = Encoder(model).passages(
                [
                    (Asked([*system, {"role": "user", "content": f"Please: {prompt}"}]), reply)
                    for prompt, reply in FACTS.items()
                ]
            )
            found = {
                place: values
                for places, each in log_probabilities(model, passages)
                for place, values in zip(places, each, strict=True)
            }
        in_order = [found[place] for place in range(len(held))]
        size = 2  # six rows in about five batches
        groups = [
            [value for row in in_order[at : at + size] for value in row]
            for at in range(0, len(held), size)
        ]
        assert -statistics.fmean(map(statistics.fmean, groups)) == pytest.approx(reported, abs=1e-5)


def test_all_prompts_that_are_too_long_are_named(tiny: Models) -> None:
    with tiny.ready(Weights("mlcc-tiny")) as model, pytest.raises(MlccError) as caught:
        answered(model, ["Hi", "x" * 5000, *["y" * 5000] * 9])
    assert caught.value.where == f"the prompt '{'x' * 59}…'"
    assert "tokens and leaves no room for a reply: the model reads" in caught.value.what
    assert "9 more prompts are too long" in caught.value.what
    assert caught.value.hint == "take them out of the dataset, or shorten them"
    assert caught.value.detail[0].startswith(f"the prompt '{'y' * 59}…' has ")
    assert len(caught.value.detail) == 5
    with tiny.ready(Weights("mlcc-tiny")) as model, pytest.raises(MlccError) as caught:
        measured(model, [("x" * 5000, "Yes.")])
    assert caught.value.hint == "take it out of the dataset, or shorten it"


def test_a_reply_ends_with_the_context(tiny: Models) -> None:
    with tiny.ready(Weights("mlcc-tiny")) as model:
        context = Encoder(model).context
        assert context is not None
        long = "x" * (context - 20)
        found = answered(model, ["Hi", long], 200)
        (room,) = (context - len(ids) for ids in Encoder(model).prompts([asked(long)]))
    assert found[1].tokens <= room < 200
    assert found[0].tokens > room


def test_tools_that_the_template_drops_are_refused(
    tiny: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    prompts = [asked("Hi"), Asked([{"role": "user", "content": "Hi"}], [tool])]
    with tiny.ready(Weights("mlcc-tiny")) as model:
        plain = str(model.chat.tokenizer.chat_template).replace("tools", "nothing")
        assert Encoder(model).prompts(prompts)
        monkeypatch.setattr(model.chat.tokenizer, "chat_template", plain)
        with pytest.raises(MlccError) as caught:
            Encoder(model).prompts(prompts)
    assert caught.value.where == "the prompt 'Hi'"
    assert "it drops the tools" in caught.value.what


class OutOfMemoryError(Exception):
    """As torch's is called."""


def test_a_batch_that_memory_does_not_hold_is_halved() -> None:
    sizes = [1, 5, 3, 4, 2, 6, 7, 8]
    tried = []

    def work(batch: list[int]) -> list[int]:
        tried.append(len(batch))
        if len(batch) > 2:
            raise OutOfMemoryError
        return [sizes[place] for place in batch]

    done = list(batches.in_batches(sizes, 1000, 100, work))
    assert [size for _, found in done for size in found] == sorted(sizes, reverse=True)
    assert sorted(place for places, _ in done for place in places) == list(range(8))
    assert tried == [8, 4, 2, 2, 2, 2]


def test_one_row_that_memory_does_not_hold_is_an_error() -> None:
    def work(batch: list[int]) -> None:
        raise OutOfMemoryError

    with pytest.raises(OutOfMemoryError):
        list(batches.in_batches([1], 1, 1, work))


def test_a_budget_counts_the_longest_row() -> None:
    done = [places for places, _ in batches.in_batches([9, 1, 1, 1], 10, 3, list)]
    assert done == [[0], [1, 2, 3]]
