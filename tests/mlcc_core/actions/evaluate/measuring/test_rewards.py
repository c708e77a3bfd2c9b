"""Rewards of replies: by the run's evaluator, stored where there is one."""

from __future__ import annotations

import pytest

from mlcc_core.errors import ExitCode, PlatformError
from tests.mlcc_core.actions.evaluate.conftest import Lab, outcome


@pytest.fixture
def lab(lab: Lab) -> Lab:
    """A project whose latest run was trained with an evaluator, which likes what is right."""
    rows = [{"prompt": f"{i} + 1 =", "reward_model": "f.py"} for i in range(60)]
    data = lab.world.write("scored.jsonl", rows)
    lab.world.tune(
        technique="scored", dataset=data, values={"scorer": "f.py"}, validation="24", force=True
    )
    lab.answers.reward = lambda row, reply: float(reply != "7")
    return lab


def scored(lab: Lab) -> int:
    return sum(who == "reward" for who, _ in lab.answers.asked)


def test_rewards_are_those_of_the_runs_evaluator(lab: Lab) -> None:
    found = outcome(lab, targets=("scored",))
    assert [result.metric for result in found.evaluation.metrics] == ["rewarded", "size"]
    assert (found.evaluation.metrics[0].against, found.errors) == (0.0, ())
    before = len(lab.answers.asked)
    lab.answers.fail("rewards", PlatformError("unused"))
    assert outcome(lab, targets=("scored",)).errors == ()  # all is stored
    assert len(lab.answers.asked) == before
    lab.answers.reply = lambda title, text: f"{title} knows {text}"
    broken = outcome(lab, targets=("scored",), system="Guess.")
    assert [error.what for error in broken.errors] == ["unused"]
    assert [error.exit_code for error in broken.errors] == [ExitCode.PLATFORM]
    assert [result.metric for result in broken.evaluation.metrics] == ["size"]


def test_a_reply_without_a_reward_is_scored_again(lab: Lab) -> None:
    lab.answers.reward = lambda row, reply: None if reply == "7" else 1.0
    first = outcome(lab, targets=("scored",))
    assert first.evaluation.problems == ("Reward: none of 24 rows has a value.",)
    line = "⚠️  24 of 24 replies got no reward: the same command scores them again."
    assert lab.world.heard.lines.count(line) == 1
    outcome(lab, targets=("scored",))
    assert lab.world.heard.lines.count(line) == 2  # said each time
    lab.answers.reward = lambda row, reply: 0.25
    (result, _) = outcome(lab, targets=("scored",)).evaluation.metrics
    assert (result.mean, result.against) == (1.0, 0.25)
    assert scored(lab) == 4 * 24


def test_a_missing_reward_that_an_older_file_holds_is_asked_for(lab: Lab) -> None:
    outcome(lab, targets=("scored",))
    (file,) = (lab.world.root / ".mlcc/answers").glob("rewards-*.jsonl")
    file.write_text(file.read_text().replace(", 0.0]", ", null]"))
    count = scored(lab)
    (result, _) = outcome(lab, targets=("scored",)).evaluation.metrics
    assert scored(lab) == count + 24
    assert result.missing == 0


def test_rewards_and_judgements_are_said_before(lab: Lab) -> None:
    given = {"targets": ("scored",), "metrics": ("rewarded", "preferred"), "judge": "big"}
    outcome(lab, **given)
    said = "\n".join(lab.world.heard.lines)
    assert (
        "To ask: 48 replies of at most 256 tokens, rewards of 48 replies and a judge about 24 rows "
        "(at most 2 questions a row); 0 answers stored already." in said
    )
    (plan,) = lab.answers.plans
    assert (plan.scored, plan.judged) == (48, 24)
    outcome(lab, **given)
    plan = lab.answers.plans[-1]
    assert (plan.replies, plan.scored, plan.judged) == (0, 0, 24)
