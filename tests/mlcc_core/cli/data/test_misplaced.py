"""A dataset, a technique or a model that stands in another's place leads on."""

from __future__ import annotations

import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from mlcc_core import MlccError
from mlcc_core.actions.push.hubs import hub_for
from mlcc_core.loader.manager import build_manager
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


@pytest.mark.parametrize(
    ("line", "said", "meant"),
    [
        ("tune -t rows.jsonl", "'rows.jsonl' is a dataset", "mlcc tune rows.jsonl"),
        (
            "tune fake -t rows.jsonl --epochs 3",
            "expected the name of a technique: fake, scored, second.",
            "mlcc tune rows.jsonl --epochs 3 --technique fake",
        ),
        ("check fake -t rows.jsonl", "is a dataset", "mlcc check rows.jsonl --technique fake"),
        ("tune rows.jsonl --technique=hf://a/b", "'hf://a/b' is a dataset", "mlcc plugins"),
        (
            "tune rows.jsonl me/model -t fake",
            "'me/model' is not a file or a folder, expected one dataset. Did you mean --model?",
            "mlcc tune rows.jsonl --technique fake --model me/model",
        ),
    ],
)
def test_the_command_is_named(world: World, mlcc: Mlcc, line: str, said: str, meant: str):
    world.write("rows.jsonl", [{"prompt": "a", "completion": "b"}])
    answer = mlcc(*shlex.split(line))
    assert (answer.code, len(answer.crosses)) == (1, 1)
    assert said in answer.crosses[0]
    assert answer.err.splitlines()[-1].strip() == meant


def test_a_technique_is_known_in_capitals(world: World, mlcc: Mlcc):
    world.write("rows.jsonl", [{"prompt": f"{i}?", "completion": "b"} for i in range(3)])
    small = mlcc("tune", "rows.jsonl", "--technique", "fake", "--dry-run", "--json")
    large = mlcc("tune", "rows.jsonl", "-t", "FAKE", "--dry-run", "--json")
    assert small.code == large.code == 0
    assert small.document == large.document
    assert mlcc("runs", "list", "-t", "Fake").code == 0
    assert "'FAKR'" not in mlcc("check", "rows.jsonl", "-t", "FAKR").err


@pytest.mark.torch  # what the platform lacks is told beside it
def test_an_address_that_no_source_reads_is_to_be_downloaded(mlcc: Mlcc, folder: Path):
    mlcc("init", ".", "--platform", "local", "--model", "mlcc-tiny")
    said = mlcc("tune", "https://example.org/a/rows.jsonl", "-t", "sft")
    assert said.crosses == ["❌ --dataset: No source reads 'https://example.org/a/rows.jsonl'."]
    assert "   curl -LO https://example.org/a/rows.jsonl\n" in said.err
    said = mlcc("tune", "https://example.org/a/rows.jsonl?key=secret", "-t", "sft")
    assert "secret" not in said.err
    assert "   download it\n" in said.err


def test_the_page_of_a_repository_names_it():
    session = SimpleNamespace(plugins=build_manager())
    with pytest.raises(MlccError, match="is an address, expected the name in it") as caught:
        hub_for(session, "https://huggingface.co/me/qa-lora", "ORG/NAME")
    assert caught.value.hint == "pass me/qa-lora"
    with pytest.raises(MlccError, match="expected ORG/NAME"):
        hub_for(session, "qa lora", "ORG/NAME")
