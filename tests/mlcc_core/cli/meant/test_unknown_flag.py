"""Flags of other programs: the whole command that was meant, with the values kept."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from mlcc_core.cli.main import mlcc as program
from mlcc_core.cli.meant.meaning import same
from mlcc_core.cli.meant.other_names import OTHER_NAMES
from mlcc_core.cli.meant.parsed import parses
from mlcc_core.loader.manager import build_manager
from tests.mlcc_core.cli.conftest import Mlcc, Said
from tests.mlcc_core.cli.test_help import ALL

TUNE = "mlcc tune rows.jsonl -t sft"


def hint(said: Said) -> str:
    return said.err.splitlines()[-1].strip()


def ask(mlcc: Mlcc, line: str) -> Said:
    said = mlcc(*shlex.split(line)[1:])
    assert said.code == 1
    assert "Traceback" not in said.err
    assert len(said.crosses) == 1
    return said


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("--lr 2e-4", "--learning-rate 2e-4"),
        ("--lr=2e-4", "--learning-rate 2e-4"),
        ("-lr 2e-4", "--learning-rate 2e-4"),
        ("--learning_rate 2e-4", "--learning-rate 2e-4"),
        ("--learning-rat 2e-4", "--learning-rate 2e-4"),
        ("-epochs 3", "--epochs 3"),
        ("--bs 4", "--batch-size 4"),
        ("--per_device_train_batch_size 4", "--batch-size 4"),
        ("--num-epochs 3", "--epochs 3"),
        ("--num_train_epochs 3", "--epochs 3"),
        ("--n-epochs 3", "--epochs 3"),
        ("--max-length 512", "--max-seq-length 512"),
        ("--cutoff_len 512", "--max-seq-length 512"),
        ("--lora-r 16", "--lora-rank 16"),
        ("--lora_r 16", "--lora-rank 16"),
        ("--r 16", "--lora-rank 16"),
        ("-r 16", "--lora-rank 16"),
        ("--steps 10", "--set max_steps=10"),
        ("--max-steps 10", "--set max_steps=10"),
        ("--max_steps=10", "--set max_steps=10"),
        ("--warmup 5", "--set warmup_steps=5"),
        ("--warmup_ratio 0.1", "--set warmup_steps=0.1"),
        ("--weight-decay 0.1", "--set weight_decay=0.1"),
        ("--beta 0.1", "--set beta=0.1"),
        ("--dora", "--set use_dora=true"),
        ("--gpu 2", "--gpus 2"),
        ("--num_gpus 2", "--gpus 2"),
        ("--load-in-4bit", "--quantize 4bit"),
        ("--load_in_4bit true", "--quantize 4bit"),
        ("--model_name_or_path me/m", "--model me/m"),
        ("--base-model me/m", "--model me/m"),
        ("--eval", "--validation auto"),
        ("--val_size 0.1", "--validation 0.1"),
        ("--wandb", "--tracker wandb"),
        ("--report_to wandb", "--tracker wandb"),
        ("--verbose", "--debug"),
        ("-v", "--debug"),
        ("--dryrun", "--dry-run"),
        ("--save_steps 50", "--checkpoint-every 50"),
        ("--early-stopping-patience 3", "--stop-early 3"),
        ("--use_peft", "--training-type lora"),
        ("--use_peft false", ""),
        ("--full-finetuning", "--training-type full-rank"),
        ("--config run.yaml", "--file run.yaml"),
        ("--seed_ 3", "--seed 3"),
        ("--yes", ""),
        ("--fp16", ""),
        ("--fp16 True", ""),
        ("--gradient_accumulation_steps 4", ""),
        ("--trust-remote-code", ""),
        ("--output out", "&& mlcc export --to out"),
        ("--output_dir 'my out'", "&& mlcc export --to 'my out'"),
        ("--hub_model_id me/m", "&& mlcc push me/m"),
        ("--quiet", "2>/dev/null"),
    ],
)
def test_tune_names_the_whole_command(mlcc: Mlcc, folder: Path, given: str, meant: str):
    said = ask(mlcc, f"{TUNE} {given}")
    assert hint(said) == f"{TUNE} {meant}".strip()
    assert shlex.split(given)[0].partition("=")[0] in said.crosses[0]
    alone = hint(said).partition(" && ")[0].removesuffix(" 2>/dev/null")
    assert parses(program, shlex.split(alone)[1:])


def test_a_line_of_another_program_is_mended_at_once(mlcc: Mlcc, folder: Path):
    said = ask(
        mlcc,
        "mlcc tune --dataset_name 'my rows.jsonl' --model_name_or_path me/m --lr 1e-4 --fp16 True "
        "--num_train_epochs 3 --per_device_train_batch_size 4 --output_dir out --lora_r 16",
    )
    assert hint(said) == (
        "mlcc tune --dataset 'my rows.jsonl' --model me/m --learning-rate 1e-4 --epochs 3 "
        "--batch-size 4 --lora-rank 16 && mlcc export --to out"
    )
    assert said.crosses[0].startswith(
        "❌ Unknown flags: --dataset_name is --dataset my rows.jsonl, "
    )
    assert "--fp16: The engine chooses the number format that the device can do." in said.err


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("mlcc export --output out", "mlcc export --to out"),
        ("mlcc chat --model sft", "mlcc chat sft"),
        ("mlcc chat -m sft", "mlcc chat sft"),
        ("mlcc export -o x.gguf -f gguf", "mlcc export -o x.gguf --form gguf"),
        ("mlcc init --dir p", "mlcc init p"),
        ("mlcc init --path=p -m x", "mlcc init p -m x"),
        ("mlcc init p --backend ray", "mlcc init p --platform ray"),
        ("mlcc init p --base-model x", "mlcc init p --model x"),
        ("mlcc check rows.jsonl -t fake --epochs 3 --force", "mlcc check rows.jsonl -t fake"),
        ("mlcc init p --dataset rows.jsonl", "mlcc init p"),
        ("mlcc runs list --batch-size=4", "mlcc runs list"),
        ("mlcc check rows.jsonl --data_files x.jsonl", "mlcc check rows.jsonl --dataset x.jsonl"),
        ("mlcc evaluate --limit 20", "mlcc evaluate --samples 20"),
        ("mlcc evaluate --tasks arc_easy", "mlcc evaluate --benchmark arc_easy"),
        ("mlcc push me/m -m 'First one'", "mlcc push me/m --message 'First one'"),
        ("mlcc runs remove sft --no-confirm", "mlcc runs remove sft --yes"),
        ("mlcc runs list --yes", "mlcc runs list"),
        ("mlcc logs sft --tail", "mlcc logs sft --follow"),
        ("mlcc init p --project-name q", "mlcc init p --name q"),
        ("mlcc --model x tune rows.jsonl", "mlcc tune --model x rows.jsonl"),
        ("mlcc --lr 3e-4 tune rows.jsonl", "mlcc tune --learning-rate 3e-4 rows.jsonl"),
        ("mlcc --dataset rows.jsonl", "mlcc tune --dataset rows.jsonl"),
    ],
)
def test_every_command_leads_on(mlcc: Mlcc, folder: Path, line: str, meant: str):
    assert hint(ask(mlcc, line)) == meant
    assert parses(program, shlex.split(meant)[1:])


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (f"{TUNE} --frobnicate 3", "mlcc tune --help"),
        (f"{TUNE} --lr", "mlcc tune --help"),  # a value is missing
        (f"{TUNE} -e x", "mlcc tune --help"),
        (f"{TUNE} --lr abc", "mlcc tune --help"),
        ("mlcc --frobnicate", "mlcc --help"),
    ],
)
def test_a_command_that_mlcc_does_not_take_is_not_suggested(
    mlcc: Mlcc, folder: Path, line: str, meant: str
):
    assert hint(ask(mlcc, line)) == meant


def test_a_flag_of_mlcc_itself_is_meant(mlcc: Mlcc, folder: Path):
    said = ask(mlcc, "mlcc --verison")
    assert said.crosses == ["❌ Unknown flag '--verison' of mlcc. Did you mean '--version'?"]
    assert hint(said) == "mlcc --version"


def test_nothing_is_made_up(mlcc: Mlcc, folder: Path):
    said = ask(mlcc, f"{TUNE} --frobnicate 3")
    assert said.crosses == ["❌ Unknown flag '--frobnicate' of mlcc tune."]


def test_a_flag_of_tune_is_told_as_one(mlcc: Mlcc, folder: Path):
    said = ask(mlcc, "mlcc check rows.jsonl --epochs 3")
    told = "It is a flag of mlcc tune, which this command does without."
    assert said.crosses == [f"❌ Unknown flag '--epochs'. {told}"]


@pytest.mark.parametrize("flag", ["--columns", "--template"])
def test_a_flag_that_is_far_from_all_is_not_taken_for_one(mlcc: Mlcc, folder: Path, flag: str):
    said = ask(mlcc, f"mlcc init p {flag} x")
    assert said.crosses == [f"❌ Unknown flag '{flag}' of mlcc init."]


def test_a_device_is_not_a_number_format(mlcc: Mlcc, folder: Path):
    for given in ("--device cuda", "--cuda", "--cpu", "--use-cpu"):
        said = ask(mlcc, f"{TUNE} {given}")
        assert "device" in said.crosses[0]
        assert "number format" not in said.crosses[0]
        assert hint(said) == TUNE


def test_letters_of_a_line_stay(mlcc: Mlcc, folder: Path):
    said = ask(mlcc, "mlcc tune rows.jsonl -t sft -e 3 -b 2 -m x -n --lr 1e-4")
    assert hint(said) == ("mlcc tune rows.jsonl -t sft -e 3 -b 2 -m x -n --learning-rate 1e-4")


def flags(command: click.Command) -> set[str]:
    return {name for param in command.params for name in param.opts if name.startswith("-")}


def test_other_names_are_of_flags_that_exist_and_are_none_themselves():
    """A name that is a flag of the command that has the other one too would mean two things."""
    commands = [context.command for context in ALL]
    assert set(OTHER_NAMES) <= set().union(*map(flags, commands))
    for command in commands:
        for flag in flags(command) & set(OTHER_NAMES):
            for name in OTHER_NAMES[flag]:
                assert same(flag) != same(name.partition("=")[0]), (flag, name)


def test_every_option_of_a_plugin_says_other_names_well():
    plugins = build_manager()
    for platform in plugins.platforms.values():
        for engine in platform.engines:
            names = [n.partition("=")[0] for each in engine.settings.values() for n in each]
            assert len(names) == len(set(names)), engine.name
            assert not set(names) & {name.partition("=")[0] for name in engine.decides}
            assert all(sentence.endswith(".") for sentence in engine.decides.values())
