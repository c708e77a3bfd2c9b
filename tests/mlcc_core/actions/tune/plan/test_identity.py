"""What differs between two plans, in the user's words."""

from __future__ import annotations

from mlcc_core.actions.tune.plan.identity import changes


def test_what_follows_from_a_flag_is_not_said_twice():
    before = {"--reward-prompt": "judge.txt", "evaluator checksum": "a" * 64}
    assert changes(before, {}) == ["--reward-prompt: was judge.txt, is now not set"]


def test_a_changed_file_is_told_by_the_beginning_of_its_checksum():
    before, now = ({"--scorer": "s.py", "evaluator checksum": digit * 64} for digit in "ab")
    assert changes(before, now) == ["evaluator checksum: was aaaaaaaa, is now bbbbbbbb"]
