"""The contract of every answering part, as tests."""

from __future__ import annotations

import math
from typing import get_args

import pytest

from mlcc_core.contract.job import Output
from mlcc_core.contract.metric import Need
from mlcc_core.contract.platform.answering import (
    Answer,
    Answering,
    AskingPlan,
    Passage,
    Prompt,
    Subject,
)
from mlcc_core.contract.platform.values import Context
from mlcc_core.testing.contracts.parts.part import PartContract

TOKENS = 5
"""The longest reply that the suite asks for."""

PROMPTS = tuple(
    Prompt(({"role": "user", "content": text},)) for text in ("2 + 2 =", "Hello?", "3 + 3 =")
)


class AnsweringContract(PartContract):
    """Subclass it, give ``answering``, ``base_model`` and ``tuned``: models that answer quickly."""

    @pytest.fixture
    def answering(self) -> Answering:
        """Return the answering part under test."""
        raise NotImplementedError("a subclass of AnsweringContract gives the fixture `answering`")

    @pytest.fixture
    def base_model(self) -> str:
        """Return the name of the base model."""
        raise NotImplementedError("a subclass of AnsweringContract gives the fixture `base_model`")

    @pytest.fixture
    def tuned(self) -> Output:
        """Return the output of a run on the base model."""
        raise NotImplementedError("a subclass of AnsweringContract gives the fixture `tuned`")

    @pytest.fixture
    def subjects(
        self, answering: Answering, context: Context, base_model: str, tuned: Output
    ) -> tuple[Subject, Subject]:
        """Return the base model and the output of the run."""
        return (
            answering.base_subject(context, base_model),
            answering.run_subject(context, "contract-1", base_model, tuned),
        )

    def test_a_name_of_nothing_is_no_subject(
        self, answering: Answering, context: Context, unique: str
    ) -> None:
        """A name that means no model here is ``None``, which lets the core say so."""
        assert answering.find_subject(context, f"nothing-{unique}") is None

    def test_fingerprints_tell_models_apart(
        self,
        answering: Answering,
        context: Context,
        base_model: str,
        tuned: Output,
        subjects: tuple[Subject, Subject],
    ) -> None:
        """Answers are stored under fingerprints: each model has its own, the same each time."""
        base, run = subjects
        assert base.fingerprint
        assert base.fingerprint != run.fingerprint
        assert answering.base_subject(context, base_model) == base
        assert answering.run_subject(context, "contract-1", base_model, tuned) == run
        assert (run.title, run.model) == ("contract-1", base_model)

    def test_every_prompt_is_answered_once(
        self, answering: Answering, context: Context, subjects: tuple[Subject, Subject]
    ) -> None:
        """Each model answers every prompt once, within the length, and none for none."""
        with answering.open(context, subjects) as session:
            for subject in subjects:
                found = dict(session.replies(subject, PROMPTS, TOKENS))
                assert sorted(found) == list(range(len(PROMPTS)))
                assert all(isinstance(answer, Answer) for answer in found.values())
                assert all((answer.tokens or 0) <= TOKENS for answer in found.values())
                assert list(session.replies(subject, [], TOKENS)) == []

    def test_replies_do_not_depend_on_the_others(
        self, answering: Answering, context: Context, subjects: tuple[Subject, Subject]
    ) -> None:
        """The most likely reply to a prompt is the same alone: answers are stored one by one."""
        with answering.open(context, subjects) as session:
            together = dict(session.replies(subjects[0], PROMPTS, TOKENS))
            (alone,) = session.replies(subjects[0], PROMPTS[:1], TOKENS)
        assert alone == (0, together[0])

    def test_log_probabilities_are_those_of_each_reply(
        self, answering: Answering, context: Context, subjects: tuple[Subject, Subject]
    ) -> None:
        """Each passage has the logarithm of a probability for each token of its reply."""
        if answering.lacks(context, "log_probabilities") is not None:
            pytest.skip("this platform tells no log-probabilities")
        passages = [Passage(PROMPTS[0], "4"), Passage(PROMPTS[1], "Hello, how are you?")]
        with answering.open(context, subjects) as session:
            for subject in subjects:
                found = dict(session.log_probabilities(subject, passages))
                assert sorted(found) == [0, 1]
                assert all(found.values())
                for logs in found.values():
                    assert all(math.isfinite(log) and log <= 1e-6 for log in logs)

    def test_what_is_lacking_is_said(
        self, answering: Answering, context: Context, subjects: tuple[Subject, Subject]
    ) -> None:
        """A need that cannot be had has a reason; a notice is lines, and asks nothing."""
        for need in get_args(Need):
            why = answering.lacks(context, need)
            assert why is None or (why.strip() and "\n" not in why)
        plan = AskingPlan(subjects, 6, 0, TOKENS, 60)
        assert all(isinstance(line, str) for line in answering.notice(context, plan))
