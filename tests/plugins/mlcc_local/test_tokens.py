"""Rows in tokens: what a check counts is what training makes, and what its forecast says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.cli.main import run
from mlcc_core.contract.platform.values import Context
from mlcc_core.contract.technique.recipe import Recipe
from mlcc_core.contract.tokens import TokenLimits
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.imports import heavy_imports
from mlcc_engine.model import tiny
from mlcc_engine.request import parse
from mlcc_local import plugin as local
from tests.plugins.mlcc_local.trained import ROWS, TEXTS, chat, lines, made, train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def bpe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("bpe"))


@pytest.fixture(scope="session")
def real(bpe: Path) -> dict[str, Any]:
    """The tokenizers as training loads them, by the name that a user gives the model."""
    from mlcc_engine.model import models

    return {"mlcc-tiny": tiny.make_tokenizer(), str(bpe): models.load_tokenizer(str(bpe)).tokenizer}


@pytest.fixture
def project(folder: Path) -> Path:
    assert run(["init", ".", "--platform", "local"]) == 0
    return folder


@pytest.fixture
def checked(project: Path, capsys: pytest.CaptureFixture[str]):
    """The document of ``mlcc check`` on rows."""

    def check(rows: list[dict[str, Any]], technique: str, *words: str) -> Any:
        (project / "rows.jsonl").write_bytes(lines(rows))
        capsys.readouterr()
        assert run(["check", "rows.jsonl", "--technique", technique, "--json", *words]) == 0
        return json.loads(capsys.readouterr().out)

    return check


def one_by_one(tokenizer: Any, *messages: dict[str, str], reply_follows: bool = False) -> int:
    ids = tokenizer.apply_chat_template(
        list(messages), add_generation_prompt=reply_follows, return_dict=False
    )
    return len(ids)


@pytest.mark.parametrize("name", ["mlcc-tiny", "bpe"])
def test_rows_are_counted_as_the_tokenizer_does(name: str, bpe: Path, real, context) -> None:
    model = str(bpe) if name == "bpe" else name
    with local.runner.token_counter(context, model, None) as counter:
        counted = counter.count(lines(ROWS))
        assert counter.count(lines(ROWS[2:])) == counted[2:]
    for row, tokens in zip(ROWS, counted, strict=True):
        turns = chat("user", row["prompt"]), chat("assistant", row["completion"])
        assert tokens.prompt == one_by_one(real[model], turns[0], reply_follows=True)
        assert tokens.whole == one_by_one(real[model], *turns)
    assert max(tokens.whole for tokens in counted) > 64


PARTS = st.sampled_from([*tiny.SPECIAL, "<|", "|>", "<", "é", "🙂", "\n", " ", "a\u0301", "\x00"])
CONTENTS = st.lists(PARTS | st.text(st.characters(exclude_categories=["Cs"]), max_size=4))


@given(
    st.lists(st.tuples(st.sampled_from([*tiny.ROLES, "developer"]), CONTENTS), min_size=1),
    st.booleans(),
)
def test_the_built_in_model_needs_no_tokenizer_to_be_counted(real, talk, reply_follows) -> None:
    messages = [chat(role, "".join(parts)) for role, parts in talk]
    expected = one_by_one(real["mlcc-tiny"], *messages, reply_follows=reply_follows)
    assert tiny.count(messages, reply_follows=reply_follows) == expected


@pytest.mark.parametrize(
    ("technique", "trainer", "flag", "limit"),
    [
        ("sft", "trl:SFTTrainer", "--max-seq-length", 200),
        ("sft", "trl:SFTTrainer", None, None),
        ("dpo", "trl:DPOTrainer", "--max-seq-length", 200),
        ("dpo", "trl:DPOTrainer", None, None),
        ("rlvr", "trl:GRPOTrainer", "--max-prompt-length", 200),
        ("rlvr", "trl:GRPOTrainer", None, None),
    ],
)
@pytest.mark.parametrize("name", ["mlcc-tiny", "bpe"])
def test_check_and_forecast_agree(
    name: str, technique: str, trainer: str, flag: str, limit: int, bpe, real, checked, project
) -> None:
    from mlcc_engine.forecast.measuring import Measuring
    from mlcc_engine.train import trainers
    from mlcc_engine.train.leftovers import Leftovers
    from mlcc_engine.turns.reading import reading_of

    model = str(bpe) if name == "bpe" else name
    words = ["--model", model, *((flag, str(limit)) if flag else ())]
    words += ["--reward-function", "x.py"] if technique == "rlvr" else []
    rows = made(technique)
    rows[3]["prompt" if technique == "rlvr" else "completion"] = (
        [chat("user", TEXTS[1] * 30)] if technique == "rlvr" else TEXTS[1] * 30
    )
    rows[3] |= {"chosen": TEXTS[2] * 40, "rejected": "no"} if technique == "dpo" else {}
    tokens = checked(rows, technique, *words)["tokens"]

    settings = {"--max-seq-length": "max_length", "--max-prompt-length": "max_prompt_length"}
    request = parse(
        {
            "job": "test",
            "technique": technique,
            "trainer": trainer,
            "model": model,
            "training_type": "lora",
            "dataset": str(project / "rows.jsonl"),
            "output": str(project / "output"),
            "hyperparameters": {settings[flag]: limit} if flag else {},
            "evaluator": {"kind": "function", "value": "x.py"} if technique == "rlvr" else None,
        }
    )
    values = trainers.merge(trainers.Trainer(trainer), request, len(rows))
    limits = TokenLimits(values.get("max_length"), values.get("max_prompt_length"))
    reading = reading_of(request, trainers.Trainer(trainer).fields)
    leftovers = Leftovers(scored=reading.prompt_only, reading=reading)
    found = Measuring(request, real[model], limits, leftovers, None).measure(600)

    assert found.measured == tokens["rows"] == len(rows)
    assert limits == TokenLimits(tokens["max_seq_length"], tokens["max_prompt_length"])
    assert len(found.cut) + len(found.nothing) == tokens["rows_cut"]
    assert len(found.nothing) == tokens["rows_without_reply"]
    assert len(found.long_prompts) == tokens["prompts_too_long"]
    assert bool(limit) <= bool(tokens["rows_cut"] or tokens["prompts_too_long"])
    longest = max(tokens["prompt"]["100"], min(tokens["row"].get("100", 0), limits.row or 10**9))
    assert found.longest == longest


@pytest.mark.parametrize("name", ["SFT", "DPO", "KTO", "Reward"])
def test_the_limit_without_a_limit_is_the_trainers_own(name: str) -> None:
    from mlcc_engine.train import defaults, trainers

    trainer = trainers.Trainer(f"trl:{name}Trainer")
    assert trainer.fields["max_length"] == defaults.lengths(trainer.name)["max_length"]


def test_built_in_techniques_have_the_limit_that_their_training_has(context) -> None:
    plugins = build_manager(disable="")
    limits = {}
    for name in plugins.techniques:
        recipe = plugins.technique(name).trainer("trl")
        with local.runner.token_counter(context, "mlcc-tiny", recipe) as counter:
            limits[name] = counter.row_limit
    assert {name: limits[name] for name in ("sft", "dpo", "rlaif", "rlvr")} == {
        "sft": 1024,
        "dpo": 1024,
        "rlaif": None,
        "rlvr": None,
    }


def test_a_base_model_is_counted_with_the_template_that_it_is_given(
    tmp_path: Path, context
) -> None:
    from mlcc_engine.model import models

    base = train(tmp_path / "base", template=None)
    trained = models.load_tokenizer(str(base))
    assert trained.notes
    with local.runner.token_counter(context, str(base), None) as counter:
        (first, *_) = counter.count(lines(ROWS))
        assert "no chat template" in counter.how
    turns = chat("user", ROWS[0]["prompt"]), chat("assistant", ROWS[0]["completion"])
    assert first.whole == one_by_one(trained.tokenizer, *turns)


def test_rows_that_the_template_refuses_are_told(bpe: Path, checked) -> None:
    odd = {"prompt": [chat("tool", "hm"), chat("user", "well")]}
    rows = [{"prompt": [chat("user", "Hi")]}, odd, odd]
    words = ("--reward-function", "x.py", "--model", str(bpe))
    tokens = checked(rows, "rlvr", *words)["tokens"]
    assert (tokens["rows"], tokens["rows_refused"]) == (3, 2)
    assert tokens["refusal"] == "Unknown role tool"
    assert tokens["prompt"]["0"] == tokens["prompt"]["100"] > 0


def test_folders_without_a_tokenizer(tmp_path: Path, context) -> None:
    with pytest.raises(MlccError, match="holds no tokenizer") as caught:
        local.runner.token_counter(context, str(tmp_path), None)
    assert "save_pretrained" in caught.value.hint
    (tmp_path / "tokenizer.json").write_text("{}")
    with local.runner.token_counter(context, str(tmp_path), None) as counter:
        with pytest.raises(MlccError, match="cannot be used") as caught:
            counter.count(lines(ROWS))
        assert caught.value.exit_code == 1


def test_own_code_of_a_tokenizer_is_never_run(tmp_path: Path, bpe: Path, context) -> None:
    for path in bpe.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    auto = {"auto_map": {"AutoTokenizer": [None, "own.Tokenizer"]}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(auto))
    (tmp_path / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    open_counter = local.runner.token_counter(context, str(tmp_path), None)
    with open_counter as counter, pytest.raises(MlccError, match="cannot be used"):
        counter.count(lines(ROWS))
    assert not (tmp_path / "ran").exists()


def test_a_counting_process_that_is_killed_is_told(bpe: Path, context) -> None:
    with local.runner.token_counter(context, str(bpe), None) as counter:
        counter.count(lines(ROWS))
        os.kill(counter._child.pid, signal.SIGKILL)
        with pytest.raises(PlatformError, match="was killed by signal 9"):
            counter.count(lines(ROWS))


def test_the_hub_is_asked_for_nothing_and_the_hint_gets_the_tokenizer(
    hub, bpe: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(
        "org/model",
        {path.name: path.read_bytes() for path in bpe.iterdir()} | {"model.safetensors": b"large"},
        kind="model",
    )
    (project / "rows.jsonl").write_bytes(lines(ROWS))
    mlcc = [sys.executable, "-c", "from mlcc_core.cli import main; raise SystemExit(main())"]
    words = [*mlcc, "check", "rows.jsonl", "--technique", "sft", "--model", "org/model"]

    def call(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*words, *more], capture_output=True, text=True, timeout=120)

    said = call()
    assert said.returncode == 0
    assert "Tokens were not counted. The tokenizer of 'org/model' is not on" in said.stdout
    asked = call("--max-seq-length", "64")
    assert asked.returncode == 1
    # A thread of an earlier test may still ask a server that had this one's port.
    assert [sent for sent in hub.requests() if "org/model" in sent.path] == []

    hint = asked.stderr.splitlines()[-1].strip()
    assert hint in said.stdout
    monkeypatch.setenv(
        "PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    )
    subprocess.run(["sh", "-c", hint], check=True, capture_output=True, timeout=120)
    assert not any("safetensors" in str(request) for request in hub.requests())

    before = len(hub.requests())
    tokens = json.loads(call("--max-seq-length", "64", "--json").stdout)["tokens"]
    assert tokens["tokenizer"] == "org/model"
    assert tokens["rows_cut"] == 2
    assert len(hub.requests()) == before


def test_a_check_imports_no_torch(project: Path, bpe: Path) -> None:
    (project / "rows.jsonl").write_bytes(lines(ROWS))
    for model in ("mlcc-tiny", str(bpe), "org/model"):
        words = ["check", "rows.jsonl", "--technique", "sft", "--model", model]
        loaded = heavy_imports(f"from mlcc_core.cli.main import run; assert run({words!r}) == 0")
        assert not {"torch", "transformers", "trl", "datasets"} & {*loaded}
    within = f"from mlcc_tokens.tokenizer_process import load; load({str(bpe)!r})"
    check = f"{within}; import sys; assert sys.modules['torch'] is None"
    subprocess.run([sys.executable, "-c", check], check=True, timeout=120)


def test_rows_that_the_trainer_renders_are_not_counted(folder: Path) -> None:
    recipe = Recipe("agents:TalkTrainer", rows="as-is")
    with pytest.raises(MlccError, match="it alone knows their tokens"):
        local.runner.token_counter(Context(folder, "p"), "mlcc-tiny", recipe)
