"""Words that people type first lead to a command that runs as it is printed."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from mlcc_core.cli.main import mlcc as program
from mlcc_core.cli.meant.parsed import parses
from mlcc_core.cli.meant.words.leads import LEADS
from mlcc_core.project.commands import COMMANDS
from tests.mlcc_core.cli.conftest import Mlcc


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("status", "mlcc tune --status"),
        ("list", "mlcc runs list"),
        ("ls", "mlcc runs list"),
        ("jobs", "mlcc runs list"),
        ("run", "mlcc tune --help"),
        ("run rows.jsonl -t sft", "mlcc tune rows.jsonl -t sft"),
        ("finetune rows.jsonl", "mlcc tune rows.jsonl"),
        ("fine-tune", "mlcc tune --help"),
        ("Fine-Tune rows.jsonl -e 3", "mlcc tune rows.jsonl -e 3"),
        ("finetune rows.jsonl --nonsense", "mlcc tune --help"),
        ("finetune rows.jsonl --num_train_epochs 2", "mlcc tune rows.jsonl --epochs 2"),
        ("tunee rows.jsonl --lr 1e-4", "mlcc tune rows.jsonl --learning-rate 1e-4"),
        ("login", "mlcc doctor"),
        ("predict 'How are you?'", "mlcc test 'How are you?'"),
        ("generate", "mlcc test"),
        ("infer hello --adapter tuned", "mlcc test hello --adapter tuned"),
        ("eval", "mlcc evaluate"),
        ("eval sft --samples 20", "mlcc evaluate sft --samples 20"),
        ("config", "mlcc init ."),
        ("update", "mlcc init . --update"),
        ("rm sft", "mlcc runs remove sft"),
        ("rm", "mlcc runs list"),
        ("cancel sft", "mlcc stop sft"),
        ("resume", "mlcc tune --status"),
        ("download", "mlcc models"),
        ("download meta-llama/Llama-3.2-1B", "mlcc models"),
        ("upload sft me/m", "mlcc push sft me/m"),
        ("web", "mlcc runs list"),
        ("ui sft", "mlcc runs report sft"),
        ("merge", "mlcc export --to exported"),
        ("merge sft --to out", "mlcc export sft --to out"),
        ("quantize", "mlcc export --to model.gguf --dtype q8_0"),
        ("new my-project", "mlcc init my-project"),
        ("validate rows.jsonl", "mlcc check rows.jsonl"),
        ("gpus", "mlcc doctor"),
        ("examples", "mlcc demo"),
        ("man tune", "mlcc help tune"),
        ("sft rows.jsonl", "mlcc tune rows.jsonl --technique sft"),
        ("dpo", "mlcc tune --help"),
        ("GRPO rows.jsonl -e 3", "mlcc tune rows.jsonl -e 3 --technique rlvr"),
        ("rlhf", "mlcc tune --help"),
        ("rows.jsonl -t sft", "mlcc tune rows.jsonl -t sft"),
        ("hf://org/name", "mlcc tune hf://org/name"),
        ("tuen rows.jsonl", "mlcc tune rows.jsonl"),
        ("exprot --to out", "mlcc export --to out"),
        ("frobnicate", "mlcc --help"),
        ("runs ls", "mlcc runs list"),
        ("runs rm sft -y", "mlcc runs remove sft -y"),
        ("runs lst --json", "mlcc runs list --json"),
        ("adapter delete tuned", "mlcc adapter remove tuned"),
        ("catalog get", "mlcc catalog show --help"),
        ("plugins create technique mine", "mlcc plugins new technique mine"),
        ("runs frobnicate", "mlcc runs --help"),
        ("help frobnicate", "mlcc --help"),
        ("list models", "mlcc models"),
        ("ls run", "mlcc runs list"),
        ("show runs", "mlcc runs list"),
        ("show sft", "mlcc runs show sft"),
        ("list plugins", "mlcc plugins"),
        ("list adapters", "mlcc adapter list"),
        ("get techniques", "mlcc plugins"),
        ("show catalog", "mlcc catalog list"),
        ("show config", "mlcc init ."),
        ("models list", "mlcc models"),
        ("models list --json", "mlcc models --json"),
        ("doctor local now", "mlcc doctor"),
        ("plugins list", "mlcc plugins"),
        ("plugins ls --json", "mlcc plugins --json"),
        ("nothing.csv", "mlcc tune nothing.csv"),
        ("data/nothing.jsonl.gz -e 2", "mlcc tune data/nothing.jsonl.gz -e 2"),
        ("local", "mlcc init my-project --platform local"),
        ("SageMaker rows.jsonl", "mlcc init my-project --platform sagemaker"),
        ("qlora rows.jsonl", "mlcc tune rows.jsonl"),
        ("install", "mlcc doctor"),
        ("debug", "mlcc doctor"),
        ("exit", "mlcc help"),
        ("undo", "mlcc runs list"),
    ],
)
def test_a_word_names_the_command_to_paste(mlcc: Mlcc, folder: Path, line: str, meant: str):
    (folder / "rows.jsonl").write_text('{"prompt": "a", "completion": "b"}\n')
    said = mlcc(*shlex.split(line))
    assert said.code == 1
    assert len(said.crosses) == 1
    assert said.err.splitlines()[-1].strip() == meant
    assert parses(program, shlex.split(meant)[1:])


def test_every_lead_is_a_command_that_mlcc_takes():
    assert not set(LEADS) & set(COMMANDS)
    for word, lead in LEADS.items():
        alone = shlex.split(lead.alone or lead.command)
        assert parses(program, alone), word
        assert alone[0] in COMMANDS or alone[0] == "help", word
        assert not lead.says or lead.says.endswith(":"), word


def test_the_words_of_people_are_led(mlcc: Mlcc):
    """Those that new users typed, and that no command has."""
    words = (
        "status list jobs run finetune fine-tune login predict generate infer eval config update "
        "ls rm cancel resume download upload web ui merge quantize"
    )
    assert set(words.split()) <= set(LEADS)
    for word in ("help", "version"):
        assert mlcc(word).code == 0
    for word in ("models", "chat", "export", "train"):
        assert word in COMMANDS


def test_a_command_of_a_plugin_comes_before_a_lead(mlcc: Mlcc, site, folder: Path):
    site.install(
        "mlcc-status",
        "import click\n@click.command()\ndef plugin(): click.echo('mine')",
        entry_points={"status": "mlcc_status:plugin"},
        group="mlcc.commands",
    )
    assert mlcc("status").out == "mine\n"
