"""The contract of every conversation, as tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice

import pytest

from mlcc_core.contract.platform.answering import Prompt, Subject
from mlcc_core.contract.platform.chatting import ChatSession, Piece, ReplyEnd, Sampling

TOKENS = 12
"""The longest reply that the suite asks for."""

PROMPTS = tuple(
    Prompt(({"role": "user", "content": text},)) for text in ("2 + 2 =", "Hello, how are you?")
)

SHORT = Sampling(max_new_tokens=TOKENS)
DRAWN = Sampling(temperature=1.0, top_p=0.9, seed=7, max_new_tokens=TOKENS)


class ChatContract:
    """Subclass it, give ``session`` and ``subjects``: models that answer quickly.

    The session may be one for all tests.
    """

    @pytest.fixture
    def session(self) -> ChatSession:
        """Return the open session under test."""
        raise NotImplementedError("a subclass of ChatContract gives the fixture `session`")

    @pytest.fixture
    def subjects(self) -> tuple[Subject, Subject]:
        """Return a base model and an adapter on it, or another model that answers otherwise."""
        raise NotImplementedError("a subclass of ChatContract gives the fixture `subjects`")

    def test_a_reply_is_pieces_and_then_its_end(
        self, session: ChatSession, subjects: tuple[Subject, Subject]
    ) -> None:
        """Each model replies in pieces, then comes one end, last, within the limit."""
        for subject in subjects:
            session.prepare(subject)
            *pieces, end = session.reply(subject, PROMPTS[0], SHORT)
            assert pieces
            assert all(isinstance(piece, Piece) for piece in pieces)
            assert isinstance(end, ReplyEnd)
            assert end.tokens is None or 0 < end.tokens <= TOKENS
            assert end.prompt_tokens is None or end.prompt_tokens > 0

    def test_the_limit_is_kept(
        self, session: ChatSession, subjects: tuple[Subject, Subject]
    ) -> None:
        """A shorter limit cuts the same reply earlier."""
        whole, _ = said(session, subjects[0], PROMPTS[1], SHORT)
        short, end = said(session, subjects[0], PROMPTS[1], Sampling(max_new_tokens=1))
        assert whole.startswith(short)
        assert end.tokens in (None, 1)

    def test_the_most_likely_reply_is_always_the_same(
        self, session: ChatSession, subjects: tuple[Subject, Subject]
    ) -> None:
        """Without a temperature, the same question has the same reply."""
        for subject in subjects:
            first = said(session, subject, PROMPTS[0], SHORT)
            assert said(session, subject, PROMPTS[0], SHORT) == first

    def test_a_seed_draws_the_same_reply(
        self, session: ChatSession, subjects: tuple[Subject, Subject]
    ) -> None:
        """With a temperature, the same seed draws the same reply."""
        first = said(session, subjects[0], PROMPTS[0], DRAWN)
        said(session, subjects[0], PROMPTS[1], DRAWN)
        assert said(session, subjects[0], PROMPTS[0], DRAWN) == first

    def test_a_reply_is_the_same_in_any_company(
        self, session: ChatSession, subjects: tuple[Subject, Subject]
    ) -> None:
        """A reply depends on nothing that is asked meanwhile, of this model or another one."""
        questions = [
            (subject, prompt, sampling)
            for subject in subjects
            for prompt in PROMPTS
            for sampling in (SHORT, DRAWN)
        ]
        alone = [said(session, *question) for question in questions]
        with ThreadPoolExecutor(2 * len(questions)) as threads:
            together = list(threads.map(lambda each: said(session, *each), [*questions] * 2))
        assert together == alone * 2

    def test_a_reply_ends_before_a_text_that_stops_it(
        self, session: ChatSession, subjects: tuple[Subject, Subject]
    ) -> None:
        """A stop text ends the reply, and nothing of it is said."""
        whole, _ = said(session, subjects[1], PROMPTS[1], SHORT)
        stop = whole[len(whole) // 2 :][:3]
        sampling = Sampling(max_new_tokens=TOKENS, stop=("never said, for sure", stop))
        cut, end = said(session, subjects[1], PROMPTS[1], sampling)
        assert cut == whole[: whole.find(stop)]
        assert end.ended in (None, True)

    def test_a_reply_that_is_closed_leaves_the_others_alone(
        self, session: ChatSession, subjects: tuple[Subject, Subject]
    ) -> None:
        """Closing a reply stops it; others go on, and more can be asked."""
        first = said(session, subjects[1], PROMPTS[0], SHORT)
        with closing(session.reply(subjects[1], PROMPTS[0], SHORT)) as goes_on:  # type: ignore[type-var]
            begun = list(islice(goes_on, 1))
            left = session.reply(subjects[0], PROMPTS[1])
            next(left)
            left.close()  # type: ignore[attr-defined]
            assert joined([*begun, *goes_on]) == first
        assert said(session, subjects[1], PROMPTS[0], SHORT) == first


def said(
    session: ChatSession, subject: Subject, prompt: Prompt, sampling: Sampling
) -> tuple[str, ReplyEnd]:
    """Return the text of a reply, and its end."""
    return joined(list(session.reply(subject, prompt, sampling)))


def joined(parts: list[Piece | ReplyEnd]) -> tuple[str, ReplyEnd]:
    """Return the text of a reply that came in parts, and its end."""
    *pieces, end = parts
    assert isinstance(end, ReplyEnd)
    return "".join(piece.text for piece in pieces if isinstance(piece, Piece)), end
