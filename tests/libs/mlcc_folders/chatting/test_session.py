"""Conversations with models of this machine, many at a time, in a process of their own."""

from __future__ import annotations

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlcc_core import ChatSession, Context, MlccError, Output, PlatformError, Sampling, Subject
from mlcc_core.testing.contracts import ChatContract
from mlcc_engine import generate
from tests.libs.mlcc_engine.trainings import FACTS
from tests.libs.mlcc_folders.chatting.talks import ANSWERING, prompt, said

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

ASKED = list(FACTS)[:2]


class TestFolderChats(ChatContract):
    @pytest.fixture
    def session(self, session: ChatSession) -> ChatSession:
        return session

    @pytest.fixture
    def subjects(self, base: Subject, tuned: list[Subject]) -> tuple[Subject, Subject]:
        return base, tuned[0]


def test_replies_are_those_of_test_and_of_an_evaluation(
    session: ChatSession, base: Subject, tuned: list[Subject], context: Context, cache: Path
) -> None:
    with ANSWERING.open(context, [base]) as evaluation:
        for subject in (base, *tuned):
            answers = dict(evaluation.replies(subject, [prompt(text) for text in ASKED], 24))
            adapter = None if subject.output is None else Path(subject.output.path)
            alone = generate.load("mlcc-tiny", adapter=adapter, cache=cache)
            for place, text in enumerate(ASKED):
                reply, end = said(session, subject, text)
                assert reply == answers[place].text
                assert (end.tokens, end.ended) == (answers[place].tokens, answers[place].ended)
                shown = reply if end.ended else f"{reply} …"
                assert generate.printable(shown) == alone.say(text, 24)


def test_twenty_ask_at_the_same_time(
    session: ChatSession, base: Subject, tuned: list[Subject]
) -> None:
    drawn = Sampling(temperature=1.0, top_p=0.9, seed=5, max_new_tokens=24)
    questions = [
        (subject, text, sampling)
        for subject in (base, *tuned)
        for text in ASKED
        for sampling in (None, drawn)
    ]
    alone = [said(session, *question) for question in questions]
    assert len({text for text, _ in alone}) > len(ASKED)
    order = [place for place in range(len(questions)) for _ in range(2)]
    random.Random(0).shuffle(order)
    with ThreadPoolExecutor(20) as threads:
        together = threads.map(lambda place: said(session, *questions[place]), order)
        assert list(together) == [alone[place] for place in order]


def test_replies_that_are_not_wanted_make_room(session: ChatSession, base: Subject) -> None:
    before = time.monotonic()
    said(session, base, "Hi")
    alone = time.monotonic() - before
    for _ in range(20):  # more than are begun at a time
        reply = session.reply(base, prompt("Hi"))
        next(reply)
        reply.close()
    before = time.monotonic()
    said(session, base, "Hi")
    assert time.monotonic() - before < 10 * max(alone, 0.5)


def test_a_base_is_asked_as_its_adapter_is(
    session: ChatSession, base: Subject, tuned: list[Subject]
) -> None:
    plain, end = said(session, base, "Hi")
    same, _ = said(session, base, "Hi", prompted_as=base)
    asked, other = said(session, base, "Hi", prompted_as=tuned[0])
    assert (same, asked) == (plain, plain)  # the adapter has the template of its base
    assert other.prompt_tokens == end.prompt_tokens


@pytest.mark.parametrize(
    ("sampling", "where"),
    [
        (Sampling(temperature=-1), "temperature"),
        (Sampling(top_p=0), "top_p"),
        (Sampling(max_new_tokens=0), "max_new_tokens"),
        (Sampling(stop=("",)), "stop"),
    ],
)
def test_choices_that_mean_nothing_are_refused(
    session: ChatSession, base: Subject, sampling: Sampling, where: str
) -> None:
    with pytest.raises(MlccError) as caught:
        next(session.reply(base, prompt("Hi"), sampling))
    assert caught.value.where == where


def test_a_conversation_that_fills_the_context_is_refused(
    session: ChatSession, base: Subject
) -> None:
    with pytest.raises(MlccError, match="leaves no room for a reply") as caught:
        next(session.reply(base, prompt("x" * 9000)))
    assert caught.value.where == "the conversation"


def test_a_broken_adapter_fails_alone(
    session: ChatSession, base: Subject, tuned: list[Subject], tmp_path: Path
) -> None:
    expected = [said(session, subject, "Hi") for subject in (base, *tuned)]
    broken = Subject("broken", "mlcc-tiny", "x", Output("adapter", str(tmp_path)))
    with pytest.raises(MlccError, match="adapter"):
        session.prepare(broken)
    with pytest.raises(MlccError, match="adapter"):
        said(session, broken, "Hi")
    assert [said(session, subject, "Hi") for subject in (base, *tuned)] == expected


def test_a_process_that_is_killed_ends_every_reply_and_is_started_anew(
    session: ChatSession, base: Subject
) -> None:
    expected = said(session, base, "Hi")
    process = session._process
    os.kill(process._child._process.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(3) as threads:
        replies = [threads.submit(said, session, base, "Hi") for _ in range(3)]
        while len(process._queues) < 3:
            time.sleep(0.01)
        os.kill(process._child._process.pid, signal.SIGKILL)
    for reply in replies:
        with pytest.raises(PlatformError, match="The process that talks was killed"):
            reply.result()
    assert said(session, base, "Hi") == expected


def test_a_session_that_was_closed_starts_no_process(context: Context, base: Subject) -> None:
    with ANSWERING.open_chat(context, []) as session:
        pass
    with pytest.raises(PlatformError, match="has ended"):
        next(session.reply(base, prompt("Hi")))
    assert session._process is None
