"""``export``: what is written, asked, compared and published."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
from mlcc_core.contract.platform.exporting import Exported
from mlcc_core.errors import ExitCode, Interrupted, MlccError, PlatformError
from mlcc_core.project.records import write_record
from tests.mlcc_core.actions.export.conftest import Yard


def names(folder: Path) -> list[str]:
    """The names of what is below a folder, drafts included."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_newest_run_is_merged_and_asked_its_held_out_rows(yard: Yard) -> None:
    result = yard.export("out/qa")
    assert (result.target, result.job, result.form) == (yard.job, yard.job, "merged")
    assert names(Path("out")) == ["qa", "qa/README.md", "qa/merged.bin"]
    assert [file.name for file in result.files] == ["README.md", "merged.bin"]
    assert result.path == str(Path("out/qa").absolute())
    assert result.loads == {"fake": "fake load out/qa"}
    assert result.asked is not None
    assert (result.asked.prompts, result.asked.equal, result.asked.differences) == (20, 20, ())
    assert result.asked.rows.startswith("held-out rows of ")
    assert yard.answers.opened[-1] == (yard.job, yard.job)
    assert f"Writing {yard.job} as merged …" in yard.world.heard.lines


def test_a_card_says_what_these_files_are(yard: Yard) -> None:
    yard.export("whole")
    text = Path("whole/README.md").read_text()
    assert "library_name: transformers" in text
    assert "- The weights are float32." in text
    assert "gave 20 of 20 answers word for word as the tuned model (held-out rows of " in text
    assert "AutoModelForCausalLM" in text
    assert str(Path.cwd()) not in text

    yard.export("alone", form="adapter", prompts=0)
    text = Path("alone/README.md").read_text()
    assert "library_name: peft" in text
    assert "- These files were not asked again after they were written." in text

    yard.export("folder", form="gguf")
    text = Path("folder/README.md").read_text()
    assert "A model in GGUF, for llama.cpp and Ollama, that began as" in text
    assert "ollama create tuned -f *.Modelfile" in text


def test_numbers_of_the_adapter_are_not_said_to_be_those_of_other_weights(yard: Yard) -> None:
    record = yard.world.record(yard.job)
    write_record(yard.world.project, record.model_copy(update={"metrics": {"held_out_loss": 1.5}}))
    said = "The numbers of the run are of the adapter on its base"
    yard.export("whole")
    assert said in Path("whole/README.md").read_text()
    yard.export("alone", form="adapter")
    text = Path("alone/README.md").read_text()
    assert "Held-out loss: 1.5 after it" in text
    assert said not in text


def test_a_model_that_no_run_made_has_no_card(yard: Yard) -> None:
    yard.export("out", "base", prompts=0)
    assert not Path("out/README.md").exists()


def test_a_card_that_cannot_be_made_is_a_warning_alone(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: object, **more: object) -> str:
        raise ValueError("no words")

    monkeypatch.setattr("mlcc_core.actions.card.card.card_text", fails)
    yard.export("out")
    assert names(Path("out")) == ["merged.bin"]
    assert any("The model card could not be made" in line for line in yard.world.heard.lines)


def test_a_gguf_and_its_modelfile_appear_beside_other_files(yard: Yard) -> None:
    Path("models").mkdir()
    Path("models/other.gguf").write_bytes(b"other")
    result = yard.export("models/qa.gguf", "fake")
    assert result.form == "gguf"
    assert names(Path("models")) == ["other.gguf", "qa.Modelfile", "qa.gguf"]
    assert result.loads == {"fake": "fake load models"}
    assert yard.exports.plans[0].name == "qa"


@pytest.mark.parametrize(("typed", "known"), [("bf16", "bfloat16"), ("FLOAT32", "float32")])
def test_number_formats_have_short_names(yard: Yard, typed: str, known: str) -> None:
    assert yard.export("out", dtype=typed).dtype == known


def test_an_answer_that_differs_is_told(yard: Yard) -> None:
    yard.exports.title = "nearly"
    right = yard.answers.reply
    yard.answers.reply = lambda title, text: (
        "other" if title == "nearly" and text.startswith("1") else right(title, text)
    )
    result = yard.export("out")
    assert result.asked is not None
    assert 0 < result.asked.equal < result.asked.prompts
    first = result.asked.differences[0]
    assert first.written == "other"
    assert first.tuned == str(int(first.prompt.split()[0]) + 1)
    assert Path("out/merged.bin").is_file()


def test_noise_is_not_published(yard: Yard) -> None:
    yard.exports.title = "noise"
    yard.answers.reply = lambda title, text: "ö" if title == "noise" else "4"
    error = yard.refused("out")
    assert error.exit_code == ExitCode.JOB
    assert "not one begins with the same word" in error.what
    assert "--prompts 0" in str(error.hint)
    assert not Path("out").exists()
    assert not [name for name in names(Path()) if ".partial" in name]


def test_what_cannot_be_loaded_again_is_not_published(yard: Yard) -> None:
    yard.answers.fail("open", MlccError("a tensor is missing."))
    error = yard.refused("out")
    assert error.exit_code == ExitCode.JOB
    assert error.what.startswith("What was written cannot be loaded again: a tensor is missing.")
    assert not Path("out").exists()


def test_a_platform_that_dies_is_not_the_exports_fault(yard: Yard) -> None:
    yard.answers.fail("open", PlatformError("The process was killed."))
    assert yard.refused("out").exit_code == ExitCode.PLATFORM
    assert not Path("out").exists()


def test_nothing_is_asked_where_it_cannot_be(yard: Yard) -> None:
    yard.exports.reads = False
    result = yard.export("out")
    assert result.asked is None
    assert result.notes == ("ℹ️  It cannot be loaded here.",)
    yard.exports.reads = True
    assert yard.export("other", prompts=0).asked is None
    assert yard.answers.opened == []


def test_fewer_prompts_are_asked_on_demand(yard: Yard) -> None:
    result = yard.export("out", prompts=3)
    assert result.asked is not None
    assert result.asked.prompts == 3


def test_rows_it_was_trained_on_are_asked_where_none_are_held_out(yard: Yard) -> None:
    job = yard.world.tune(validation="none", force=True).job
    result = yard.export("out", job)
    assert result.asked is not None
    assert result.asked.rows.startswith("rows it was trained on of ")
    assert result.asked.prompts == 20


def test_generic_prompts_are_asked_of_a_model_that_no_run_made(yard: Yard) -> None:
    yard.answers.reply = lambda title, text: text
    result = yard.export("out", "base")
    assert result.asked is not None
    assert result.job is None
    assert "mlcc's own" in result.asked.rows


def test_a_form_that_is_lacking_says_how_to_get_it(yard: Yard) -> None:
    yard.exports.without["gguf"] = MlccError("There is no converter.", hint="fetch it")
    error = yard.refused("qa.gguf", "fake")
    assert error.hint == "fetch it && mlcc export fake --to qa.gguf"
    yard.exports.without["adapter"] = MlccError("It is a whole model.")
    assert yard.refused("out", form="adapter").hint == "mlcc export --to out"
    assert yard.exports.plans == []


@pytest.mark.parametrize(
    ("to", "given", "where"),
    [
        ("out", {"dtype": "int3"}, "--dtype"),
        ("out", {"dtype": "q8_0"}, "--dtype"),
        ("out", {"dtype": "float16", "form": "adapter"}, "--dtype"),
        ("out", {"max_shard_size": "many"}, "--max-shard-size"),
        ("out", {"prompts": -1}, "--prompts"),
        ("qa.gguf", {"form": "merged"}, "--to"),
        (".mlcc/out", {}, "--to"),
        ("full", {}, "--to"),
        ("train.jsonl", {}, "--to"),
        ("taken.gguf", {}, "--to"),
        ("free.gguf", {}, "--to"),
        ("out", {"target": "nothing"}, "TARGET"),
    ],
)
def test_bad_requests_change_nothing(
    yard: Yard, to: str, given: dict[str, object], where: str
) -> None:
    Path("full").mkdir()
    for name in ("full/a.txt", "taken.gguf", "free.Modelfile"):
        Path(name).write_text("mine")
    before = names(Path())
    error = yard.refused(to, **given)  # type: ignore[arg-type]
    assert error.where == where
    assert error.exit_code == ExitCode.INPUT
    assert str(error.hint).startswith("mlcc ")
    assert names(Path()) == before


def test_a_platform_without_exporting_says_so(yard: Yard) -> None:
    yard.world.platform.exports = yard.world.elsewhere.exports = None
    assert yard.refused("out").what == "Platform 'fake' exports no models."


def test_a_platform_that_exports_is_named_in_place_of_one_that_does_not(yard: Yard) -> None:
    yard.world.platform.exports = None
    error = yard.refused("out")
    assert error.what == "Platform 'fake' exports no models, 'elsewhere' can."
    command = "mlcc export --to out --platform elsewhere"
    assert error.hint == f"{command}   # works where elsewhere can read the model"


def test_a_project_without_runs_says_so(yard: Yard) -> None:
    for path in Path(".mlcc/runs").glob("*.json"):
        path.unlink()
    assert yard.refused("out").what == "No run of this project has completed."


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_is_cut_off_leaves_nothing(yard: Yard, error: BaseException) -> None:
    yard.exports.fail("export", error, after=True)
    refused = yard.refused("out")
    if isinstance(error, KeyboardInterrupt):
        assert isinstance(refused, Interrupted)
        assert refused.hint == "mlcc export --to out"
    assert not [name for name in names(Path()) if "out" in name]


def test_drafts_of_processes_that_died_are_removed(yard: Yard) -> None:
    draft = Path(".out.999999999-abc.partial")
    draft.mkdir()
    (draft / "weights").write_bytes(b"half")
    yard.export("out")
    assert not draft.exists()


def test_a_run_that_is_removed_meanwhile_is_named(yard: Yard) -> None:
    def gone(*_: object) -> Exported:
        remove_runs(yard.world.session(), RemoveRunsRequest((yard.job,), assume_yes=True))
        raise MlccError("/outputs/1 holds no adapter: adapter_config.json is missing.")

    yard.exports.export = gone  # type: ignore[method-assign]
    error = yard.refused("out")
    assert error.what == f"{yard.job} was removed while it was being exported."
    assert error.hint == "mlcc runs list"
    assert not [name for name in names(Path()) if "out" in name]
