"""Mistakes of authors of plugins, each in an installed distribution of its own.

The guilty plugin is named with its distribution and version, the exit code is the documented one,
and what does not need that plugin works. A breach of the contract stops every command with the way
to leave the plugin out; the pasted way has to work.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

import pytest

from mlcc_core import ExitCode
from mlcc_core.cli.main import run

HEADS = {
    "technique": """
from mlcc_core import *
from mlcc_core.testing.technique import FakeTechnique

class Bad(FakeTechnique):
    name = "bad"
    recipes = {"trl": Recipe("trl:SFTTrainer")}
""",
    "source": """
import io
from mlcc_core import *
from mlcc_core.testing.source import FakeSource

class Bad(FakeSource):
    name = "bad"
    schemes = ("bad",)

    def __init__(self):
        super().__init__({"rows.jsonl": b'{"prompt": "2 + 2 =", "completion": "4"}\\n'})
""",
    "platform": """
from dataclasses import replace
from mlcc_core import *
from mlcc_core.testing.platform import FakePlatform
from mlcc_engine.engine import TRL

class Bad(FakePlatform):
    name = "bad"
    engines = (TRL,)
""",
}

CHECK = ("check", "rows.jsonl", "--technique", "sft")
CHECK_BAD = ("check", "rows.jsonl", "--technique", "bad")
TUNE = ("tune", "--technique", "sft", "--dataset", "rows.jsonl", "--model", "mlcc-tiny")
TUNE_BAD = ("tune", "--technique", "bad", "--dataset", "rows.jsonl", "--model", "mlcc-tiny")
READ_BAD = ("check", "bad://rows.jsonl", "--technique", "sft")
RUN_BAD = (*TUNE, "--platform", "bad")


@dataclass(frozen=True)
class Mistake:
    """A plugin with a mistake, and what comes of it.

    Attributes:
        made: the mistake, in a few words.
        kind: ``technique``, ``source``, ``platform``, or ``module`` for one with hooks.
        body: of the class, or of the module.
        words: the command that meets it.
        said: part of the ❌ line.
        code: exit code of that command.
        more: how the distribution is installed.
    """

    made: str
    kind: str
    body: str
    words: tuple[str, ...]
    said: str
    code: ExitCode = ExitCode.INPUT
    more: Mapping[str, object] = field(default_factory=dict)


def breach(made: str, kind: str, body: str, said: str) -> Mistake:
    return Mistake(made, kind, body, CHECK, said)


WRAPPER = """
from mlcc_core import hookimpl

@hookimpl(wrapper=True)
def mlcc_dataset_schema(technique, model):
    """

MISTAKES = [
    breach(
        "a mistyped hook",
        "technique",
        "def mlcc_datset_schema(self, model): ...",
        "Plugin bad (mlcc-bad 1.0): there is no hook mlcc_datset_schema; "
        "did you mean mlcc_dataset_schema?",
    ),
    breach(
        "a wrong argument of a hook",
        "technique",
        "def mlcc_trainer(self, engin): ...",
        "Plugin bad (mlcc-bad 1.0): ",
    ),
    breach(
        "a name that is taken",
        "technique",
        'name = "sft"',
        "Two plugins provide technique 'sft': mlcc-bad 1.0 (mlcc_bad:plugin) and mlcc ",
    ),
    breach(
        "a name that does not fit",
        "technique",
        'name = "Bad-One"',
        "Plugin bad (mlcc-bad 1.0): ",
    ),
    breach(
        "a flag of the core",
        "technique",
        'options = (Option("--epochs", int, "mine"),)',
        "technique bad declares --epochs, which is a flag of mlcc's own.",
    ),
    breach(
        "a flag that another technique means differently",
        "technique",
        'options = (Option("--max-response-length", str, "mine"),)',
        "Two plugins mean different things by --max-response-length: ",
    ),
    breach(
        "a flag without dashes",
        "technique",
        'options = (Option("beta", float, "mine"),)',
        "Plugin bad (mlcc-bad 1.0): technique bad: the flag is 'beta', expected --like-this",
    ),
    breach(
        "a mistyped type of a column",
        "technique",
        'schemas = (DatasetSchema((Column("prompt", ("strng",)),), {}),)',
        "Plugin bad (mlcc-bad 1.0): column 'prompt' has the type 'strng'",
    ),
    breach(
        "a class in place of an object",
        "module",
        "from mlcc_core.testing.technique import FakeTechnique as plugin",
        "is a class, expected an object",
    ),
    breach(
        "a hook of a technique outside one",
        "module",
        "class P:\n    def mlcc_dataset_schema(self, technique, model): ...\nplugin = P()",
        "mlcc_dataset_schema would answer for every technique",
    ),
    breach(
        "a missing method",
        "module",
        "from mlcc_core import Technique\n"
        'class Bad(Technique):\n    name = title = use_case = "bad"\nplugin = Bad()',
        "Plugin bad (mlcc-bad 1.0): mlcc_bad.Bad lacks mlcc_dataset_schema, mlcc_trainer.",
    ),
    Mistake(
        "a broken import",
        "module",
        "import no_such",
        CHECK_BAD,
        "'bad' is broken: ModuleNotFoundError: No module named 'no_such'",
    ),
    Mistake(
        "a hook that raises",
        "technique",
        'def mlcc_dataset_schema(self, model): raise KeyError("k")',
        CHECK_BAD,
        "Technique bad (mlcc-bad 1.0) failed in mlcc_dataset_schema: KeyError: 'k'",
    ),
    Mistake(
        "a hook that ends the process",
        "technique",
        "def mlcc_dataset_schema(self, model): raise SystemExit(0)",
        CHECK_BAD,
        "Technique bad (mlcc-bad 1.0) failed in mlcc_dataset_schema: SystemExit: 0",
    ),
    Mistake(
        "a hook that returns nothing",
        "technique",
        "def mlcc_dataset_schema(self, model): ...",
        CHECK_BAD,
        "Technique bad (mlcc-bad 1.0)",
    ),
    Mistake(
        "evaluators that cannot be told",
        "technique",
        "def mlcc_evaluator_args(self): return {}['scorer']",
        CHECK_BAD,
        "Technique bad (mlcc-bad 1.0) failed in mlcc_evaluator_args: KeyError: 'scorer'",
    ),
    Mistake(
        "a refusal that is raised",
        "technique",
        'def mlcc_trainer(self, engine): raise RuntimeError("not on Mondays")',
        TUNE_BAD,
        "Technique bad (mlcc-bad 1.0) failed in mlcc_trainer: RuntimeError: not on Mondays",
    ),
    Mistake(
        "a recipe of a wrong type",
        "technique",
        'def mlcc_trainer(self, engine): return "trl:SFTTrainer"',
        TUNE_BAD,
        "Technique bad (mlcc-bad 1.0): mlcc_trainer returned str",
    ),
    Mistake(
        "a trainer that does not exist",
        "technique",
        'recipes = {"trl": Recipe("trl:NoSuchTrainer")}',
        TUNE_BAD,
        "NoSuchTrainer",
    ),
    Mistake(
        "a row rule that raises",
        "technique",
        'def mlcc_check_row(self, row, model): return row["none"]',
        CHECK_BAD,
        "Technique bad (mlcc-bad 1.0) failed in mlcc_check_row: KeyError: 'none'",
    ),
    Mistake(
        "a wrapper that raises",
        "module",
        WRAPPER + "yield\n    raise KeyError('k')",
        CHECK,
        "Plugin bad (mlcc-bad 1.0) failed in mlcc_dataset_schema: KeyError: 'k'",
        more={"entry_points": {"bad": "mlcc_bad"}},
    ),
    Mistake(
        "a wrapper that forgets to return",
        "module",
        WRAPPER + "yield",
        CHECK,
        "Plugin bad (mlcc-bad 1.0): its wrapper of mlcc_dataset_schema returned None",
        more={"entry_points": {"bad": "mlcc_bad"}},
    ),
    Mistake(
        "a listing that raises",
        "source",
        'def list(self, uri, access): raise KeyError("k")',
        READ_BAD,
        "Source bad (mlcc-bad 1.0) failed in list: KeyError: 'k'",
    ),
    Mistake(
        "a listing that is none",
        "source",
        "def list(self, uri, access): ...",
        READ_BAD,
        "Source bad (mlcc-bad 1.0): list returned None",
    ),
    Mistake(
        "a stream of text",
        "source",
        'def open(self, file, access): return io.StringIO("{}")',
        READ_BAD,
        "Source bad (mlcc-bad 1.0): open returned StringIO",
    ),
    Mistake(
        "a reader that raises",
        "source",
        "def open(self, file, access):\n"
        "    class File(io.RawIOBase):\n"
        "        def readable(self): return True\n"
        "        def readinto(self, buffer): return {}['bytes']\n"
        "    return File()",
        READ_BAD,
        "(mlcc-bad 1.0) failed in",
    ),
    Mistake(
        "an OSError of a platform's own",
        "platform",
        'def build_request(self, context, spec): open("/no/such/file")',
        RUN_BAD,
        "Platform bad (mlcc-bad 1.0) failed in build_request: FileNotFoundError: "
        "[Errno 2] No such file or directory: '/no/such/file'",
        ExitCode.PLATFORM,
    ),
    Mistake(
        "a request that is none",
        "platform",
        "def build_request(self, context, spec): ...",
        RUN_BAD,
        "Platform bad (mlcc-bad 1.0): build_request returned None",
    ),
    Mistake(
        "a state that raises",
        "platform",
        'def describe(self, context, name): raise KeyError("k")',
        RUN_BAD,
        "Platform bad (mlcc-bad 1.0) failed in describe: KeyError: 'k'",
        ExitCode.PLATFORM,
    ),
    Mistake(
        "an unknown status",
        "platform",
        'def __init__(self):\n    super().__init__()\n    self.course = ("paused",)',
        RUN_BAD,
        "Platform bad (mlcc-bad 1.0): describe returned JobState with status 'paused'",
        ExitCode.PLATFORM,
    ),
    Mistake(
        "a state of a wrong type",
        "platform",
        'def describe(self, context, name): return "running"',
        RUN_BAD,
        "Platform bad (mlcc-bad 1.0): describe returned str",
        ExitCode.PLATFORM,
    ),
    Mistake(
        "another version of the contract",
        "technique",
        'api_version = "1.0"',
        CHECK_BAD,
        "it was written for version 1.0 of the plugin contract, and this mlcc has 2.0",
    ),
    Mistake(
        "another version of mlcc",
        "technique",
        "",
        CHECK_BAD,
        "it needs mlcc >=99, and this is mlcc ",
        more={"requires": ["mlcc>=99"]},
    ),
    Mistake(
        "a command that raises",
        "module",
        "import click\n@click.command()\ndef plugin(): {}['x']",
        ("bad",),
        "Plugin bad (mlcc-bad 1.0) failed in plugin: KeyError: 'x'",
        more={"group": "mlcc.commands"},
    ),
]


@pytest.fixture
def project(folder, capsys):
    (folder / "rows.jsonl").write_text('{"prompt": "2 + 2 =", "completion": "4"}\n')
    assert run(["init", ".", "--platform", "local", "--model", "mlcc-tiny"]) == 0
    return folder


def install(site, mistake):
    body = mistake.body
    if mistake.kind in HEADS:
        body = f"{HEADS[mistake.kind]}\n{indent(body, '    ')}\n\nplugin = Bad()\n"
    how = {"entry_points": {"bad": "mlcc_bad:plugin"}, **mistake.more}
    site.install("mlcc-bad", body, **how)


WITH_TRL = "a trainer that does not exist"
"""A mistake that is found with TRL, whose import takes seconds."""

QUICK = 3
"""Mistakes of a kind of plugin that the quick tests look at."""


def marked() -> Iterator[Any]:
    """Yield the mistakes; all but the first ones of each kind are slow tests."""
    seen: Counter[str] = Counter()
    for mistake in MISTAKES:
        seen[mistake.kind] += 1
        slow = mistake.made == WITH_TRL or seen[mistake.kind] > QUICK
        yield pytest.param(mistake, marks=pytest.mark.slow if slow else (), id=mistake.made)


@pytest.mark.parametrize("mistake", list(marked()))
def test_it_is_named_and_the_others_work(mistake, site, project, capsys, monkeypatch):
    install(site, mistake)
    capsys.readouterr()
    code = run(list(mistake.words))
    said = capsys.readouterr().err
    crosses = [line for line in said.splitlines() if line.startswith("❌")]
    assert len(crosses) == 1, said
    assert mistake.said in crosses[0]
    assert "Traceback" not in said
    assert "bug in mlcc" not in said
    assert code == mistake.code
    if mistake.words == CHECK:  # it meets what has nothing to do with it
        assert "MLCC_DISABLE_PLUGINS=bad mlcc …" in said
        monkeypatch.setenv("MLCC_DISABLE_PLUGINS", "bad")
    for words in (CHECK, ("plugins",), ("tune", "--help"), ("tune", "--status"), ("--help",)):
        assert run(list(words)) == 0, capsys.readouterr().err


def test_what_a_plugin_prints_is_no_part_of_a_document(site, project, capsys):
    chatty = Mistake(
        "",
        "technique",
        "print('imported')\ndef mlcc_evaluator_args(self):\n    print('asked')\n    return ()",
        CHECK_BAD,
        "",
    )
    install(site, chatty)
    capsys.readouterr()
    assert run([*CHECK_BAD, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"] is True
    assert {"imported", "asked"} <= set(err.split())


def test_a_job_that_cannot_be_asked_is_a_row(site, project, capsys):
    install(site, Mistake("", "platform", 'course = ("running",)', RUN_BAD, ""))
    assert run([*RUN_BAD, "--no-wait"]) == 0
    import mlcc_bad

    def fail(context, name):
        raise KeyError("k")

    mlcc_bad.plugin.describe = fail
    capsys.readouterr()
    assert run(["tune", "--status", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["jobs"]
    assert row["status"] == "unknown"
    assert row["reason"] == "Platform bad (mlcc-bad 1.0) failed in describe: KeyError: 'k'"
