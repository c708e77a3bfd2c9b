"""One command of every kind that is not about a dataset's rows, run far from what it names."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core.actions.chat.request import chat_with
from mlcc_core.actions.deploy.ask import asked
from mlcc_core.actions.deploy.weights import WeightsRequest, repeated
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.runs.report.report import report_to
from mlcc_core.cli.project.demo import demo_command
from mlcc_core.contract.platform.values import Context
from mlcc_core.helpers.hints import (
    copied_path,
    free_space,
    looked_at,
    made_folder,
    path_word,
    pulled,
    removed,
    shown_file,
)
from mlcc_core.project.hints import (
    catalog_add,
    config_anew,
    edit_hint,
    init_command,
    removed_folder,
)
from mlcc_file.paths import missing
from mlcc_folders.answering.subjects import rebased
from mlcc_folders.job.outputs import moved_away
from mlcc_folders.model.naming import project_model
from mlcc_folders.serving.fitting import deployed
from mlcc_s3.uri import listed, parse, restored
from mlcc_sagemaker.serving.weights import hints
from mlcc_tokens.downloads import downloaded
from tests.mlcc_core.helpers.hints.shell import ODD, Done, run_line

Run = Callable[[str], Done]
Case = Callable[[Path, Run], None]

BYTES = os.fsdecode(b"caf\xe9\t") + ODD
"""A name of bytes that are not UTF-8, and a tab."""

CASES: dict[str, Case] = {}


def case(kind: str) -> Callable[[Case], Case]:
    return lambda function: CASES.setdefault(kind, function)


def good(done: Done) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


@case("a file in the way, removed")
def _(place: Path, run: Run) -> None:
    place.write_text("x")
    good(run(removed(place, "it is made anew")))
    assert not place.exists()


@case("an empty folder in the way, removed")
def _(place: Path, run: Run) -> None:
    place.mkdir()
    good(run(removed_folder(place)))
    assert not place.exists()


@case("a folder that is missing, made")
def _(place: Path, run: Run) -> None:
    folder = place.with_name(ODD) / ODD
    good(run(made_folder(folder)))
    assert folder.is_dir()


@case("a look at a file or folder")
def _(place: Path, run: Run) -> None:
    place.mkdir()
    (place / "within").touch()
    assert "within" in good(run(looked_at(place, "shows what is there")))


@case("the space that is left on a disk")
def _(place: Path, run: Run) -> None:
    place.mkdir()
    assert "%" in good(run(free_space(place, "free some")))


@case("a file, printed")
def _(place: Path, run: Run) -> None:
    place.write_text("its words")
    assert good(run(shown_file(place))) == "its words"


@case("what can be read once, as a file")
def _(place: Path, run: Run) -> None:
    os.mkfifo(place)
    with subprocess.Popen(["sh", "-c", 'echo row > "$0"', str(place)]):
        good(run(copied_path(place, f"{ODD}.jsonl")))
    assert good(run(f"cat {path_word(f'{ODD}.jsonl')}")) == "row\n"


@case("files that Git keeps elsewhere")
def _(place: Path, run: Run) -> None:
    """Git's extension may be missing; the folder is found by any command of Git."""
    place.mkdir()
    subprocess.run(["git", "init", "-q", place], check=True, timeout=60)
    assert shlex.split(pulled(place))[3:] == ["lfs", "pull"]
    assert good(run(pulled(place, "rev-parse --is-inside-work-tree"))) == "true\n"


@case("a link that points to the data")
def _(place: Path, run: Run) -> None:
    place.symlink_to("gone")
    hint = missing(place).hint
    assert hint is not None
    good(run(f"touch DATA && {hint.replace('DATA', '$PWD/DATA')}"))
    assert place.resolve().name == "DATA"


@case("a project in a folder")
def _(place: Path, run: Run) -> None:
    good(run(init_command(place.with_name(ODD), "--name", "mine")))
    assert "mine" in (place.with_name(ODD) / "do" / "config").read_text()


@case("another model for a project")
def _(place: Path, run: Run) -> None:
    project = place.with_name(ODD)
    good(run(init_command(project)))
    good(run(project_model(project, "org/name")))
    assert "org/name" in (project / "do" / "config").read_text()


@case("a model of a platform's list, in the project's catalog")
def _(place: Path, run: Run) -> None:
    """A platform that keeps no list says so; the model is one word."""
    good(run(init_command(place, "--platform local")))
    done = run(f"cd {path_word(place)} && {catalog_add(ODD, '--replace')}")
    assert "Platform 'local' keeps no list of models." in done.stderr
    assert shlex.split(catalog_add(ODD))[3:] == [ODD]


@case("a config that is set aside for a new one")
def _(place: Path, run: Run) -> None:
    config = place.with_name(ODD) / "do" / "config"
    config.parent.mkdir(parents=True)
    config.write_bytes(b"\0")
    good(run(config_anew(config)))
    assert config.with_name("config.broken").read_bytes() == b"\0"
    assert "PROJECT_NAME" in config.read_text()


@case("a line of a file, in an editor")
def _(place: Path, run: Run) -> None:
    place.write_text("one\n")
    line = edit_hint(place, 1, "remove the line")
    shown = good(run(f"EDITOR='tail -n'; {line}"))
    assert shown == "one\n"


@case("the same command with other options")
def _(place: Path, run: Run) -> None:
    data = place.with_name(f"{ODD}.jsonl")
    data.write_text('{"my, \\"question\\"": "q", "completion": "c"}\n')
    pairs = '"my, ""question""":prompt'
    asked = CheckRequest("", str(data), column_map=pairs, take=3)
    assert "all good" in good(run(asked.command_line(technique="sft")))


@case("the same evaluation with other options")
def _(place: Path, run: Run) -> None:
    asked = EvaluateRequest((ODD,), system=ODD, column_map='"my, ""question""":prompt')
    words = shlex.split(asked.command_line(dataset=ODD))
    assert words[:4] == ["mlcc", "evaluate", ODD, "--system"]
    assert words[4:] == [ODD, "--dataset", ODD, "--column-map", asked.column_map]


@case("what S3 holds")
def _(place: Path, run: Run) -> None:
    uri = parse(f"s3://bucket/{ODD}?file=*.csv")
    assert shlex.split(listed(uri)) == ["aws", "s3", "ls", f"s3://bucket/{ODD}"]


@case("an archived object, restored")
def _(place: Path, run: Run) -> None:
    assert shlex.split(restored("bucket", ODD))[3:7] == ["--bucket", "bucket", "--key", ODD]


@case("a question to an adapter")
def _(place: Path, run: Run) -> None:
    assert shlex.split(asked(ODD)) == ["./do/test", "--adapter", ODD]


@case("a conversation with a model")
def _(place: Path, run: Run) -> None:
    assert shlex.split(chat_with(ODD, "local"))[2:] == [ODD, "--platform", "local"]


@case("another model, deployed")
def _(place: Path, run: Run) -> None:
    assert shlex.split(deployed(ODD))[2:] == ["--force-ic", "--model-data", ODD]


@case("what has the place of an output, moved away")
def _(place: Path, run: Run) -> None:
    taken = place.with_name(ODD)
    taken.write_text("mine")
    run(moved_away(taken))
    assert place.with_name(f"{ODD}.old").read_text() == "mine"


@case("an adapter whose base is elsewhere, deployed on it")
def _(place: Path, run: Run) -> None:
    first, second = rebased(ODD).split(" && ")
    assert shlex.split(first)[2:] == ["--force-ic", "--model-data", "FOLDER"]
    assert shlex.split(second, comments=True)[-1] == ODD


@case("weights in S3, listed")
def _(place: Path, run: Run) -> None:
    uri = f"s3://bucket/{ODD}"
    assert shlex.split(hints.stored(uri)) == ["aws", "s3", "ls", "--recursive", uri]


@case("weights in S3, deployed")
def _(place: Path, run: Run) -> None:
    uri = f"s3://bucket/{ODD}"
    assert shlex.split(hints.deployed("model", uri))[-2:] == ["--model-data", uri]
    assert shlex.split(hints.deployed("adapter", uri))[-2:] == ["--weights", uri]


@case("a folder of weights, brought to S3")
def _(place: Path, run: Run) -> None:
    words = shlex.split(hints.brought(ODD, "--model-data"), comments=True)
    assert words[3:] == ["--recursive", ODD, "s3://BUCKET/PREFIX"]


@case("a model of the Hub, copied to S3 as a base")
def _(place: Path, run: Run) -> None:
    context = Context(root=place, project="demo", settings={"TUNE_S3_BUCKET": "bucket"})
    words = shlex.split(hints.copied_model(context, "org/name"), comments=True)
    to = "s3://bucket/models/name/"
    copy = ["aws", "s3", "cp", "--recursive", "name", to]
    assert words == ["hf", "download", "org/name", "--local-dir", "name", "&&", *copy]


@case("a folder with a model, copied to S3 as a base")
def _(place: Path, run: Run) -> None:
    words = shlex.split(
        hints.copied_folder(Context(root=place, project="demo"), ODD), comments=True
    )
    assert words[:5] == ["aws", "s3", "cp", "--recursive", ODD]
    assert re.fullmatch(r"s3://BUCKET/models/[A-Za-z0-9._-]+/", words[5])


@case("other weights for what is deployed")
def _(place: Path, run: Run) -> None:
    request = WeightsRequest("tuned", weights=ODD)
    words = ["mlcc", "adapter", "update", "tuned", "--weights", ODD]
    assert shlex.split(repeated("adapter", request, update=True)) == words
    found = repeated("model", WeightsRequest("tuned", from_tune=ODD), update=True)
    assert shlex.split(found) == ["mlcc", "add-ic", "tuned", "--update", "--from-tune", ODD]


@case("the demo in a folder")
def _(place: Path, run: Run) -> None:
    """The folder is found not to be empty, so nothing is trained."""
    folder = place.with_name(ODD)
    folder.mkdir()
    (folder / "mine").touch()
    assert f"{folder} is not empty" in run(demo_command(folder)).stderr


@case("a report in another file")
def _(place: Path, run: Run) -> None:
    """The project has no run yet, which is found before the file is looked at."""
    good(run(init_command(place, "--platform local")))
    line = report_to("sft", place.with_name(ODD))
    told = run(f"cd {path_word(place)} && {line}")
    assert told.returncode == 1
    assert "❌" in told.stderr
    assert shlex.split(line)[-1] == str(place.with_name(ODD))


@case("files of the Hub, downloaded")
def _(place: Path, run: Run) -> None:
    folder = place.with_name(ODD)
    words = shlex.split(downloaded("org/name", ["*.json"], folder))
    assert words[:3] == ["hf", "download", "org/name"]
    assert words[3:] == ["--include", "*.json", "--local-dir", f"{folder}"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", CASES)
def test_a_command_works_from_another_folder(kind, tmp_path):
    here, data = tmp_path / "here", tmp_path / f"data {ODD}"
    here.mkdir()
    data.mkdir()
    CASES[kind](data / BYTES, lambda line: run_line(line, here, tmp_path / "programs"))


@pytest.mark.parametrize("name", ["plain.jsonl", "-rf", ODD, BYTES, "", "a\nb"])
def test_a_path_is_one_word_that_any_terminal_prints(name, tmp_path):
    word = path_word(name)
    word.encode()
    assert "\n" not in word
    assert len(shlex.split(word)) == 1
    assert not word.startswith("-")
