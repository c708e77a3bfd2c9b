"""Models of a project asked in a process of their own, as an evaluation does."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from mlcc_core import Context, MlccError, Passage, PlatformError, Subject
from tests.libs.mlcc_folders.answering.asked import opened, prompt

pytestmark = pytest.mark.slow


def test_replies_log_probabilities_and_judgements(context: Context, base: Subject) -> None:
    texts = ["Hi", "What is the capital of France?", "Bees"]
    with opened(context, base) as session:
        replies = dict(session.replies(base, [prompt(text) for text in texts], 8))
        passages = [Passage(prompt(text), "Yes.") for text in texts]
        found = dict(session.log_probabilities(base, passages))
        assert dict(session.replies(base, [prompt(texts[1])], 8)) == {0: replies[1]}
        assert list(session.replies(base, [], 8)) == []
        with pytest.raises(MlccError) as caught:
            list(session.replies(base, [prompt("Hi"), prompt("x" * 9000)], 8))
        judged = dict(session.judgements("mlcc-tiny", ["Which?", "Or which?"]))
        with pytest.raises(MlccError, match="neither a model nor an address"):
            list(session.judgements("nothing-of-that-name", ["Which?"]))
    assert set(replies) == set(found) == {0, 1, 2}
    assert set(judged) == {0, 1}
    assert all(answer.tokens and answer.tokens <= 8 for answer in replies.values())
    assert all(value < 0 for values in found.values() for value in values)
    assert str(caught.value.where).startswith("the prompt 'xxx")
    assert caught.value.exit_code == 1


def test_it_goes_on_with_another_process(context: Context, base: Subject) -> None:
    with opened(context, base) as session:
        few = session.replies(base, [prompt(str(number)) for number in range(64)], 8)
        next(few)
        few.close()  # the rest is not wanted
        assert len(list(session.replies(base, [prompt("Hi")], 8))) == 1
        process = session._models._child._process.pid
        os.kill(process, signal.SIGSTOP)
        asked = session.replies(base, [prompt("Hi")], 8)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(PlatformError, match="The process that answers"):
            list(asked)
        assert len(list(session.replies(base, [prompt("Hi")], 8))) == 1


ASK_AND_DIE = """
import os, sys
from pathlib import Path
from mlcc_core import Context, Prompt
from mlcc_folders.folder_answering import FolderAnswering
answering = FolderAnswering("mlcc-tiny")
context = Context(root=Path(), project="demo")
base = answering.base_subject(context, "mlcc-tiny")
with answering.open(context, [base]) as session:
    asked = [Prompt(({"role": "user", "content": str(number)},)) for number in range(500)]
    for _ in session.replies(base, asked, 200):
        print(session._models._child._process.pid, flush=True)
        os.kill(os.getpid(), 9)
"""


def test_it_ends_with_a_command_that_is_killed(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASK_AND_DIE], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    child = int(ran.stdout)
    until = time.monotonic() + 30
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.kill(child, 0)
            time.sleep(0.1)
        pytest.fail("the process goes on")
