"""Folders that are refused at plan time, by their files alone; each is a real model, damaged."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.testing.imports import heavy_imports
from mlcc_engine.model import models
from mlcc_folders.model import models as local_models
from tests.libs.mlcc_engine import folders

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 548118077\n"


def no_catalog(_: str) -> None:
    """Know no model by a name of the catalog."""


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders.save(folders.llama(), tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    return folders.save(folders.llama(), folder, max_shard_size="10KB")


@pytest.fixture
def model(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "a model"))


@pytest.fixture
def sharded(parts: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(parts, tmp_path / "sharded"))


def refused(folder: Path) -> MlccError:
    """The one error, the same in a plan and in the engine."""
    with pytest.raises(MlccError) as planned:
        local_models.resolve_model(str(folder), folder.parent, no_catalog)
    with pytest.raises(MlccError) as caught:
        models.locate(str(folder))
    assert planned.value.what == caught.value.what
    assert planned.value.where == "--model"
    assert "\n" not in caught.value.what
    return caught.value


def test_sound_folders_pass(model: Path, sharded: Path) -> None:
    assert len(list(sharded.glob("*.safetensors"))) > 1
    for folder in (model, sharded):
        assert local_models.resolve_model(str(folder), folder.parent, no_catalog) == (
            models.locate(str(folder))
        )


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_pointers_of_git_lfs(model: Path, name: str) -> None:
    (model / name).write_text(LFS)
    (model / ".git").mkdir()
    found = refused(model)
    assert f"{model / name} is a pointer of Git LFS" in found.what
    assert shlex.split(str(found.hint)) == ["git", "-C", str(model), "lfs", "pull"]


def test_pointers_without_a_repository_are_downloaded_anew(model: Path) -> None:
    (model / "model.safetensors").write_text(LFS)
    assert str(refused(model).hint).startswith("hf download ")


def test_pointer_beside_the_weights_is_no_hindrance(model: Path) -> None:
    (model / "training_args.bin").write_text(LFS)
    assert models.locate(str(model)) == str(model)


@pytest.mark.parametrize(
    ("target", "hint"),
    [(".git/annex/objects/aa/bb/SHA256E-s1--x/SHA256E-s1--x", "annex get"), ("../gone", "cp -rL")],
)
def test_links_that_dangle(model: Path, target: str, hint: str) -> None:
    (model / ".git").mkdir()
    (model / "model.safetensors").unlink()
    (model / "model.safetensors").symlink_to(target)
    assert hint in str(refused(model).hint)


def test_pointers_of_git_annex(model: Path) -> None:
    (model / ".git").mkdir()
    (model / "model.safetensors").write_text("/annex/objects/SHA256E-s548--4d7a21.safetensors\n")
    assert str(refused(model).hint).endswith("annex get .")


@pytest.mark.parametrize("keep", [0, 5, 100, -1])
def test_weights_that_are_cut_off(model: Path, sharded: Path, keep: int) -> None:
    for folder in (model, sharded):
        path = sorted(folder.glob("*.safetensors"))[-1]
        path.write_bytes(path.read_bytes()[:keep])
        assert str(path) in refused(folder).what


def test_parts_that_are_missing(sharded: Path) -> None:
    last = sorted(sharded.glob("*.safetensors"))[-1]
    last.unlink()
    assert f"lacks {last.name}" in refused(sharded).what


def test_parts_of_another_model(sharded: Path) -> None:
    first, second, *_ = sorted(sharded.glob("*.safetensors"))
    shutil.copy(first, second)
    assert "lacks the tensor" in refused(sharded).what


def test_parts_without_their_index(sharded: Path) -> None:
    (sharded / "model.safetensors.index.json").unlink()
    assert "model.safetensors.index.json" in refused(sharded).what


@pytest.mark.parametrize("text", ["", "{", "[]", "nonsense"])
def test_damaged_configs_and_indexes(model: Path, sharded: Path, text: str) -> None:
    (model / "config.json").write_text(text)
    (sharded / "model.safetensors.index.json").write_text(text)
    assert str(model / "config.json") in refused(model).what
    assert "index.json" in refused(sharded).what


def test_folder_without_a_tokenizer(model: Path) -> None:
    for path in [*model.glob("token*"), *model.glob("special*")]:
        path.unlink()
    found = refused(model)
    assert "holds no tokenizer, expected tokenizer.json" in found.what
    assert "save_pretrained" in str(found.hint)
    (model / "README.md").write_text("---\nbase_model: org/original\n---\n")
    assert str(refused(model).hint).startswith("hf download org/original ")


@pytest.mark.parametrize(
    ("quantization", "says"),
    [
        ({"quant_method": "gptq", "bits": 4}, "(gptq)"),
        ({"quant_method": "awq"}, "(awq)"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "(bitsandbytes)"),
        ({"load_in_8bit": True}, "(bitsandbytes)"),
        ({"quant_method": "fp8"}, "(fp8)"),
        ({"quant_method": "compressed-tensors"}, "(compressed-tensors)"),
        ({"quant_method": "aqlm"}, "(aqlm)"),
        ({"quant_method": "made-up-next-year"}, "(made-up-next-year)"),
    ],
)
def test_quantised_weights(model: Path, quantization: object, says: str) -> None:
    folders.change_config(model, quantization_config=quantization)
    found = refused(model)
    assert says in found.what
    assert "--model ORG/NAME" in str(found.hint)
    (model / "README.md").write_text("---\nbase_model:\n- org/original\n---\n# Title\n")
    assert refused(model).hint == "--model org/original"


@pytest.mark.parametrize("readme", ["---\nbase_model: [\n---\n", "# None\n", "---\n- a\n---\n"])
def test_readme_that_says_nothing(model: Path, readme: str) -> None:
    folders.change_config(model, quantization_config={"quant_method": "gptq"})
    (model / "README.md").write_text(readme)
    assert "ORG/NAME" in str(refused(model).hint)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"architectures": ["BertForMaskedLM"], "model_type": "bert"}, "'BertForMaskedLM'"),
        ({"architectures": ["LlamaForSequenceClassification"]}, "SequenceClassification"),
        ({"is_encoder_decoder": True, "model_type": "t5"}, "'t5'"),
        ({"model_type": "llava", "vision_config": {"model_type": "clip"}}, "llava"),
        ({"model_type": "qwen2_audio", "audio_config": {"model_type": "x"}}, "qwen2_audio"),
        ({"model_type": None}, "no model_type"),
    ],
)
def test_other_models_than_causal_ones(model: Path, changes: dict[str, object], says: str) -> None:
    assert says in refused(folders.change_config(model, **changes)).what


def test_gguf(model: Path, tmp_path: Path) -> None:
    for path in model.glob("*.safetensors"):
        path.rename(path.with_suffix(".gguf"))
    assert "GGUF" in refused(model).what
    (model / "config.json").unlink()
    assert "GGUF" in refused(model).what
    (model / "README.md").write_text("---\nbase_model: org/original\n---\n")
    for named in (model, model / "model.gguf"):
        assert refused(named).hint == "--model org/original"


def test_one_file_of_weights(model: Path) -> None:
    assert refused(model / "model.safetensors").hint == f"--model '{model}'"


@pytest.mark.parametrize("name", ["model.bin", "model.pt", "notes.txt"])
def test_other_files(model: Path, name: str) -> None:
    (model / name).write_bytes(b"x")
    assert str(model / name) in refused(model / name).what


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("https://huggingface.co/org/name", "--model org/name"),
        ("https://huggingface.co/org/name/tree/main", "--model org/name"),
        ("https://huggingface.co/org/name/blob/main/config.json?x=1#y", "--model org/name"),
        ("http://www.huggingface.co/org/name/", "--model org/name"),
        ("https://huggingface.co/gpt2", "--model gpt2"),
        ("https://huggingface.co/gpt2/tree/main", "--model gpt2"),
        ("huggingface.co/org/name", "--model org/name"),
        ("hf.co/org/name", "--model org/name"),
        ("hf://org/name", "--model org/name"),
        ("git@hf.co:org/name.git", "--model org/name"),
        ("https://huggingface.co/org/name.git", "--model org/name"),
        ("https://huggingface.co/datasets/org/name", "--model ORG/NAME"),
        ("https://huggingface.co/", "--model ORG/NAME"),
    ],
)
def test_addresses_of_the_hub(address: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(MlccError, match="address") as caught:
        local_models.resolve_model(address, tmp_path, no_catalog)
    assert caught.value.hint == hint


def test_a_plan_imports_nothing_heavy(model: Path) -> None:
    folders.change_config(model, quantization_config={"quant_method": "mxfp4"})
    loaded = heavy_imports(
        "from pathlib import Path; from mlcc_folders.model.models import resolve_model;"
        f"resolve_model({str(model)!r}, Path(), lambda name: None)"
    )
    assert not {"torch", "transformers", "safetensors", "huggingface_hub"} & {*loaded}


@pytest.mark.slow
def test_the_command_says_one_line(model: Path, folder: Path) -> None:
    (model / "model.safetensors").write_text(LFS)
    (folder / "rows.jsonl").write_text(json.dumps({"prompt": "a", "completion": "b"}) + "\n")
    mlcc = [sys.executable, "-c", "from mlcc_core.cli import main; raise SystemExit(main())"]
    subprocess.run([*mlcc, "init", ".", "--platform", "local"], check=True, capture_output=True)
    tune = ["tune", "--technique", "sft", "--dataset", "rows.jsonl", "--model", str(model)]
    check = ["check", "rows.jsonl", "--technique", "sft", "--max-seq-length", "64"]
    for words in (
        [*tune, "--dry-run"],
        tune,
        ["deploy", "--force-ic", "--model-data", str(model)],
        ["add-ic", "x", "--model-data", str(model)],
        [*check, "--model", str(model)],
    ):
        (model / "tokenizer.json").write_text(LFS)
        done = subprocess.run([*mlcc, *words], capture_output=True, text=True, timeout=120)
        assert done.returncode == 1, done.stderr
        assert "is a pointer of Git LFS" in done.stderr
        assert "Traceback" not in done.stderr
