"""The command for vLLM, and vLLM's own parser where it is installed."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Context, MlccError, Output, ServerPlan, Subject
from mlcc_folders import vllm_command
from mlcc_folders.vllm_command import ServedAdapter, as_adapter, build_command, environment

PLAN = ServerPlan(("org/base", "base"), {}, "127.0.0.1", 8123, "s3cret")
ADAPTERS = [ServedAdapter("one", "/a/b=c,d", 12), ServedAdapter("two", "/tmp/ä ö", 64)]


def option(words: tuple[str, ...], flag: str) -> list[str]:
    after = list(words)[list(words).index(flag) + 1 :]
    ends = next((at for at, word in enumerate(after) if word.startswith("--")), len(after))
    return after[:ends]


def test_the_words():
    words = build_command("/models/base", ADAPTERS, PLAN)
    assert words[:5] == (sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", "/models/base")
    assert option(words, "--served-model-name") == ["org/base", "base"]
    assert option(words, "--host") == ["127.0.0.1"]
    assert option(words, "--port") == ["8123"]
    assert option(words, "--max-lora-rank") == ["64"]
    assert option(words, "--max-loras") == ["2"]
    assert [json.loads(word) for word in option(words, "--lora-modules")] == [
        {"name": "one", "path": "/a/b=c,d", "base_model_name": "org/base"},
        {"name": "two", "path": "/tmp/ä ö", "base_model_name": "org/base"},
    ]
    assert "s3cret" not in " ".join(words)
    assert environment("s3cret")["VLLM_API_KEY"] == "s3cret"
    assert "VLLM_API_KEY" not in environment(None)


def test_without_adapters_there_is_no_room_for_them():
    assert not any("lora" in word for word in build_command("/models/base", [], PLAN))


def test_many_adapters_take_turns():
    many = [ServedAdapter(str(at), f"/{at}", 8) for at in range(20)]
    words = build_command("/models/base", many, PLAN)
    assert option(words, "--max-loras") == ["8"]
    assert option(words, "--max-cpu-loras") == ["20"]
    assert option(words, "--max-lora-rank") == ["8"]


def adapter(folder: Path, **config: Any) -> str:
    folder.mkdir(exist_ok=True)
    text = json.dumps({"peft_type": "LORA", "r": 8, "bias": "none", **config})
    (folder / "adapter_config.json").write_text(text)
    return str(folder)


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"use_dora": True}, "no DoRA"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"bias": "all"}, "no bias"),
        ({"peft_type": "IA3"}, "no other kind of adapter"),
        ({"rank_pattern": {"q_proj": 600}}, "no rank above 512, and this has 600"),
    ],
)
def test_what_vllm_cannot_apply(tmp_path: Path, config: dict[str, Any], found: str):
    with pytest.raises(MlccError, match="mlcc serve --server mlcc serves it") as caught:
        as_adapter("a", adapter(tmp_path / "a", **config))
    assert found in caught.value.what


def test_the_largest_rank_of_an_adapter_counts(tmp_path: Path):
    found = as_adapter("a", adapter(tmp_path / "a", rank_pattern={"q_proj": 48}))
    assert (found.name, found.rank) == ("a", 48)


def test_what_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vllm_command, "find_spec", lambda name: name)
    monkeypatch.setattr(vllm_command, "_has_gpu", lambda: True)
    monkeypatch.setattr(vllm_command, "locate", lambda model: f"/cache/{model}")
    base = Subject("base", "mlcc-tiny", "1")
    good = Output("adapter", adapter(tmp_path / "good"))
    bad = Output("adapter", adapter(tmp_path / "bad", use_dora=True))
    whole = Output("model", str(tmp_path))
    subjects = {
        "mlcc-tiny": base,
        "base": base,
        "good": Subject("good", "mlcc-tiny", "2", good),
        "bad": Subject("bad", "mlcc-tiny", "3", bad),
        "whole": Subject("whole", "mlcc-tiny", "4", whole),
    }
    plan = ServerPlan(("mlcc-tiny", "base"), subjects, "127.0.0.1", 8123)
    context = Context(tmp_path, "proj")
    found = vllm_command.server_command(context, plan)
    assert list(found.left_out) == ["bad", "whole"]
    assert "one whole model at a time" in found.left_out["whole"]
    assert len(option(found.command, "--lora-modules")) == 1
    assert found.command[4] == "/cache/mlcc-tiny"
    monkeypatch.setattr(vllm_command, "_has_gpu", lambda: False)
    assert vllm_command.server_command(context, plan) is None


@pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is not installed")
def test_vllms_own_parser_takes_the_words():
    from vllm.entrypoints.openai.cli_args import make_arg_parser, validate_parsed_serve_args
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    words = build_command("/models/base", ADAPTERS, PLAN)
    found = make_arg_parser(FlexibleArgumentParser()).parse_args(list(words[4:]))
    validate_parsed_serve_args(found)
    assert found.model_tag == "/models/base"
    assert found.served_model_name == ["org/base", "base"]
    assert (found.host, found.port, found.allowed_origins) == ("127.0.0.1", 8123, [])
    assert (found.enable_lora, found.max_lora_rank, found.max_loras) == (True, 64, 2)
    assert [(each.name, each.path) for each in found.lora_modules] == [
        ("one", "/a/b=c,d"),
        ("two", "/tmp/ä ö"),
    ]
    assert found.override_generation_config == {"temperature": 0.0}
