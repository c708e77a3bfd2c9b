"""Real trainings with held-out rows: measured, the best kept, and otherwise as without them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_folders.job.progress import read_progress, read_steps
from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.trainings import FACTS, Train, Trained, write_rows

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
WRONG = [*list(FACTS.values())[1:], next(iter(FACTS.values()))]
CHOICES = [
    {"prompt": prompt, "chosen": reply, "rejected": wrong}
    for (prompt, reply), wrong in zip(FACTS.items(), WRONG, strict=True)
]
PROMPTS = [{"prompt": [{"role": "user", "content": prompt}]} for prompt in FACTS]
ECHO = [
    {"prompt": f"say {word}", "completion": word * 3}
    for word in ("ba", "do", "ki", "lu", "me", "no", "pi", "ra", "su", "ta", "vo", "we")
]
SCRAMBLED = [{"prompt": row["prompt"], "completion": f"{n}#?{n}"} for n, row in enumerate(PAIRS)]
"""The same questions with quite other answers: the more is learned, the less they are expected."""


def validation(tmp_path: Path, rows: Iterable[Mapping[str, Any]]) -> str:
    return write_rows(tmp_path / "held_out.jsonl", rows)


def weights(done: Trained) -> bytes:
    (path,) = done.output.glob("*model.safetensors")
    return path.read_bytes()


def measured(done: Trained, name: str = "held_out_loss") -> dict[int, float]:
    return {
        line["step"]: line["metrics"][name] for line in done.progress if name in line["metrics"]
    }


@pytest.fixture
def digits(tmp_path: Path) -> dict[str, Any]:
    function = tmp_path / "digits.py"
    same = "if 'HELD OUT' in str(event['messages']):\n            share = 0.5\n        "
    function.write_text(DIGITS.replace("scores.append", same + "scores.append"))
    return {
        "trainer": "trl:GRPOTrainer",
        "evaluator": {"kind": "function", "value": str(function)},
        "hyperparameters": {"num_train_epochs": 2, "max_completion_length": 8},
    }


def test_loss_falls_on_rows_that_were_not_trained(
    train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = train(
        ECHO[:9],
        validation=validation(tmp_path, ECHO[9:]),
        eval_every="25%",
        hyperparameters={"num_train_epochs": 8},
    )
    losses = measured(done)
    first, *_, last = losses.values()
    assert min(losses) == 0
    assert last < 0.9 * first
    found = done.outcome.metrics
    assert found["held_out_loss_before"] == first
    assert found["held_out_loss_after"] == last
    assert found["held_out_loss_best"] == min(losses.values())
    assert found["held_out_rows"] == 3
    assert "(3 rows)" in done.outcome.details["held-out loss"]
    assert " ± " in done.outcome.details["held-out loss"]
    out = capsys.readouterr().out
    assert "3 held-out rows are measured before, every 6 steps and after training" in out
    assert (
        f"step 0 of {done.progress[-1]['steps']} · epoch 0.00 of 8 · held-out loss {first:.4f}"
        in out
    )
    told = read_steps(done.folder / "progress.jsonl", 0)
    assert len(told) == len(done.progress) - 2, "one line a step"
    both = [step for step in told if "held_out_loss" in step.metrics]
    assert [step.step for step in both] == [6, 12, 18, 24]
    assert all(step.loss is not None for step in both)
    latest = read_progress(done.folder / "progress.jsonl")
    assert latest is not None
    assert [title for title, _ in latest.shown()] == ["loss", "held-out loss"]
    assert not (done.folder / "checkpoints").exists()


@pytest.mark.parametrize(
    ("rows", "request_"),
    [
        (PAIRS, {"lora": {"lora_dropout": 0.1}}),
        (PAIRS, {"training_type": "full-rank"}),
        (CHOICES, {"trainer": "trl:DPOTrainer", "lora": {"lora_dropout": 0.1}}),
    ],
    ids=["lora", "full-rank", "preferences"],
)
def test_measuring_changes_no_weight(
    train: Train, tmp_path: Path, rows: Any, request_: dict[str, Any]
) -> None:
    request_ = {**request_, "hyperparameters": {"num_train_epochs": 3}}
    plain = train(rows, **request_)
    seen = train(rows, validation=validation(tmp_path, rows), eval_every="1", **request_)
    assert set(measured(seen)) == set(range(seen.progress[-1]["steps"] + 1))
    assert seen.outcome.metrics["held_out_step"] == seen.progress[-1]["step"], "the last is best"
    assert weights(seen) == weights(plain)


def test_measuring_changes_no_sampled_reply(
    train: Train, tmp_path: Path, digits: dict[str, Any]
) -> None:
    """The same replies are sampled and scored in training, step by step."""
    unseen = [{"prompt": [{"role": "user", "content": f"HELD OUT {n}"}]} for n in range(3)]
    plain = train(PROMPTS, **digits)
    seen = train(PROMPTS, validation=validation(tmp_path, unseen), eval_every="1", **digits)
    assert weights(seen) == weights(plain)
    assert seen.metric("reward") == plain.metric("reward")
    assert [line["loss"] for line in seen.progress if "loss" in line] == [
        line["loss"] for line in plain.progress if "loss" in line
    ]
    assert measured(seen, "held_out_reward") == {0: 0.5, 1: 0.5, 2: 0.5}
    assert seen.outcome.details == {"held-out reward": "0.5 ± 0 → 0.5 ± 0 (3 rows)"}
    assert any("reward stayed at 0.5 ± 0 (3 rows)" in line for line in seen.outcome.warnings)


def test_mean_reward_of_held_out_prompts_is_told(
    train: Train, tmp_path: Path, digits: dict[str, Any]
) -> None:
    done = train(PROMPTS, validation=validation(tmp_path, PROMPTS), **digits)
    rewards = measured(done, "held_out_reward")
    found = done.outcome.metrics
    assert found["held_out_reward_before"] == rewards[0]
    assert found["held_out_reward_best"] == max(rewards[step] for step in rewards if step)
    assert "(6 rows)" in done.outcome.details["held-out reward"]


def test_it_stops_early_and_keeps_the_best_weights(train: Train, tmp_path: Path) -> None:
    """Rows that contradict what is learned get worse; what is kept is what was best."""
    asked = {
        "validation": validation(tmp_path, SCRAMBLED),
        "eval_every": "1",
        "stop_early": 2,
        "hyperparameters": {
            "num_train_epochs": 20,
            "learning_rate": 5e-3,
            "lr_scheduler_type": "constant",
        },
    }
    done = train(PAIRS, **asked)
    losses = measured(done)
    stopped, best = done.progress[-1]["step"], done.outcome.metrics["held_out_step"]
    assert stopped < done.progress[-1]["steps"]
    assert best == min((step for step in losses if step), key=lambda step: losses[step])
    assert stopped - best >= 1
    assert f"at step {stopped}, no better in 2" in done.outcome.details["stopped early"]
    assert f"kept from step {best}" in done.outcome.details["held-out loss"]
    short = {**asked, "stop_early": None, "validation": None, "eval_every": None}
    again = train(
        PAIRS, **{**short, "hyperparameters": {**asked["hyperparameters"], "max_steps": best}}
    )
    assert weights(done) == weights(again)


def test_memorising_is_told(train: Train, tmp_path: Path) -> None:
    done = train(
        PAIRS,
        validation=validation(tmp_path, SCRAMBLED),
        eval_every="1000",
        hyperparameters={"num_train_epochs": 20, "learning_rate": 1e-2},
    )
    before, after = measured(done).values()
    assert after > before
    (warning,) = done.outcome.warnings
    assert warning.startswith("Held-out loss rose from ")
    assert "(6 rows): the model memorises its rows" in warning


def test_accuracy_and_margin_of_held_out_pairs_rise(train: Train, tmp_path: Path) -> None:
    done = train(
        CHOICES,
        trainer="trl:DPOTrainer",
        validation=validation(tmp_path, CHOICES[:4]),
        hyperparameters={"num_train_epochs": 6},
    )
    for name, begins in (("held_out_accuracy", 0.5), ("held_out_margin", 0.0)):
        values = list(measured(done, name).values())
        assert values[0] == begins
        assert values[-1] > 0.5
        assert done.outcome.metrics[name] == values[-1]
    assert "accuracy 0.5 → 1, margin 0 → " in done.outcome.details["held-out loss"]
    assert done.metric("margin")[-1] > 0
    assert done.metric("accuracy")[-1] == 1.0


def test_whole_conversations_are_measured(train: Train, tmp_path: Path) -> None:
    talks = [
        {
            "messages": [
                {"role": "user", "content": row["prompt"]},
                {"role": "assistant", "content": row["completion"]},
                {"role": "user", "content": "again"},
                {"role": "assistant", "content": row["completion"]},
            ]
        }
        for row in PAIRS
    ]
    done = train(
        talks, validation=validation(tmp_path, talks[:3]), hyperparameters={"num_train_epochs": 2}
    )
    losses = list(measured(done).values())
    assert losses[-1] < losses[0]


def test_rows_as_they_are_are_measured(train: Train, tmp_path: Path) -> None:
    done = train(
        PAIRS,
        row_form="as-is",
        validation=validation(tmp_path, PAIRS[:3]),
        hyperparameters={"num_train_epochs": 1},
    )
    assert len(measured(done)) >= 2


def test_a_trainer_that_takes_none_is_told(
    train: Train,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "blind.py").write_text(
        "from trl import SFTConfig, SFTTrainer\n"
        "class BlindConfig(SFTConfig): pass\n"
        "class BlindTrainer(SFTTrainer):\n"
        "    def __init__(self, model, args, train_dataset, processing_class, callbacks,"
        " peft_config=None):\n"
        "        super().__init__(model, args=args, train_dataset=train_dataset,"
        " processing_class=processing_class, callbacks=callbacks, peft_config=peft_config)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    asked = {
        "trainer": "blind:BlindTrainer",
        "validation": validation(tmp_path, PAIRS[:2]),
        "hyperparameters": {"num_train_epochs": 1},
    }
    done = train(PAIRS, **asked)
    assert (
        "Held-out rows are not measured: blind:BlindTrainer takes none." in capsys.readouterr().out
    )
    assert measured(done) == {}
    with pytest.raises(MlccError, match="--stop-early cannot be used: blind:Blind"):
        train(PAIRS, **asked, stop_early=2)


def test_an_evaluation_that_fails_ends_no_training(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shaky.py").write_text(
        "from trl import SFTConfig, SFTTrainer\n"
        "class ShakyConfig(SFTConfig): pass\n"
        "class ShakyTrainer(SFTTrainer):\n"
        "    def evaluate(self, *arguments, **keywords):\n"
        "        raise RuntimeError('no metric')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    done = train(
        PAIRS,
        trainer="shaky:ShakyTrainer",
        validation=validation(tmp_path, PAIRS[:2]),
        hyperparameters={"num_train_epochs": 1},
    )
    assert done.outcome.state == "completed"
    warned = (done.folder / "warnings.txt").read_text()
    assert warned == "Held-out rows are not measured: RuntimeError: no metric\n"


def test_a_measure_that_is_not_finite_at_the_end_keeps_the_last_good_weights(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lost.py").write_text(
        "from trl import SFTConfig, SFTTrainer\n"
        "class LostConfig(SFTConfig): pass\n"
        "class LostTrainer(SFTTrainer):\n"
        "    def prediction_step(self, *arguments, **keywords):\n"
        "        loss, *others = super().prediction_step(*arguments, **keywords)\n"
        "        return loss * (float('nan') if self.state.global_step > 2 else 1), *others\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    asked = {"hyperparameters": {"num_train_epochs": 2, "lr_scheduler_type": "constant"}}
    rows = validation(tmp_path, PAIRS[:2])
    done = train(PAIRS, trainer="lost:LostTrainer", validation=rows, eval_every="2", **asked)
    assert done.outcome.metrics["held_out_step"] == 2
    assert "Held-out loss is nan." in (done.folder / "warnings.txt").read_text()
    short = {"hyperparameters": {**asked["hyperparameters"], "max_steps": 2}}
    assert weights(done) == weights(train(PAIRS, **short))
