"""``mlcc demo``: the whole loop on this machine, each command shown as a user would type it."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options, hint_lines
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind, path_word

if TYPE_CHECKING:
    from mlcc_core.contract.platform.platform import Platform
    from mlcc_core.contract.platform.values import Demo


OVERRIDING = ("MLCC_PROJECT", "PROJECT_NAME", "PLATFORM", "MODEL_ID")
"""Variables that would turn the demo's commands to another project, platform or model."""


@click.command("demo")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, file_okay=False), metavar="[DIR]"
)
@common_options
@click.pass_obj
def command(console: Console, folder: Path | None) -> None:
    """Tune a small model, deploy the adapter, and compare both on questions it never saw.

    Takes about two minutes on two free cores, once the model is there, and five beside other work.
    Works in DIR (new or empty), or in a new temporary folder. Needs no account; what it needs from
    a network comes from the Python package index, once.

    \b
    Examples:
      mlcc demo
      mlcc demo my-first-project
    """
    from mlcc_core.loader.manager import build_manager

    platform, demo = _material(build_manager().platforms.values())
    root = _folder(folder)
    console.note(
        f"🎬 mlcc demo on {platform.title}, in {root}: two minutes on a free machine, five on a "
        "busy one."
    )
    demo = _prepared(console, demo)
    dataset = demo.dataset.name
    adapter = f"tuned-{demo.technique.replace('_', '-')}"
    with _working_in(root):
        model = ["--model", demo.model] if demo.model is not None else []
        on = ["--platform", platform.name] if not platform.default else []
        init = ["init", ".", *on, *model]
        _step(console, "A project is a folder with do/config.", init)
        shutil.copyfile(demo.dataset, dataset)
        _show_data(console, Path(dataset))
        tune = ["tune", "--technique", demo.technique, "--dataset", dataset, *demo.flags]
        _step(console, "Tune. Run again, it would go on or show the result.", tune)
        add = ["adapter", "add", adapter, "--from-tune", demo.technique]
        _step(console, "Put the adapter on the base model.", add)
        answers = _ask(console, demo, adapter)
    console.document({"root": str(root), "model": demo.model, "answers": answers})
    console.result()
    console.result(f"🎉 That was the loop. It is all in {root}")
    console.result("📋 Go on:")
    console.result(f"   cd {shlex.quote(str(root))}")
    console.result("   ./do/tune --status")


def _material(platforms: Iterable[Platform]) -> tuple[Platform, Demo]:
    for platform in platforms:
        if platform.demo is not None:
            return platform, platform.demo
    raise MlccError("No installed platform has a demo.", hint="mlcc plugins")


def _prepared(console: Console, demo: Demo) -> Demo:
    """Return the demo whose model is ready: this one, or its fallback, which is said why."""
    try:
        demo.prepare(console.note)
    except MlccError as error:
        if demo.fallback is None:
            raise
        place = f" with {demo.fallback.model}" if demo.fallback.model else ""
        mend = f"; to mend it: {hint_lines(error.hint)[0]}" if error.hint else "."
        console.note(f"⚠️  {error.what.rstrip('.')}. Going on{place}{mend}")
        return _prepared(console, demo.fallback)
    return demo


def _ask(console: Console, demo: Demo, adapter: str) -> list[Mapping[str, object]]:
    """Ask the questions and show the answers; return them for the document."""
    from mlcc_core.actions.deploy.ask import AskRequest, open_asking
    from mlcc_core.actions.deploy.questions import Question
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.deploy.test import Shown, show_difference

    console.note()
    console.note("💬 Ask the base and the adapter the same. Loading both …")
    answers: list[Mapping[str, object]] = []
    differs = False
    with open_asking(open_session(), AskRequest(adapter=adapter)) as asking:
        for text in demo.questions:
            console.note(f"$ {_typed(['test', '--adapter', adapter, '--prompt', text])}")
            question = Question.of(text)
            shown = Shown(console, question, adapter, noise=demo.untrained)
            reply = asking.ask(question, shown)
            differs = differs or bool(reply.differs)
            base = None if demo.untrained else reply.base
            answers.append({"prompt": text, "base": base, "answer": reply.answer})
    show_difference(console, adapter, differs=differs)
    return answers


@hint_kind("the demo in a folder")
def demo_command(folder: Path | str) -> str:
    """Return the command that shows the demo in a folder."""
    return f"mlcc demo {path_word(folder)}"


def _folder(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="mlcc-demo-")).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise MlccError(
            f"{folder} is not empty, expected a new or empty folder.",
            hint=demo_command(f"{folder}-2"),
        )
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@contextmanager
def _working_in(root: Path) -> Iterator[None]:
    """Make ``root`` the current folder and project, whatever the environment says."""
    folder = Path.cwd()
    set_aside = {name: os.environ.pop(name) for name in OVERRIDING if name in os.environ}
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.update(set_aside)


def _typed(arguments: Sequence[str]) -> str:
    """Return a command as a user would type it in the project."""
    return f"{'mlcc ' if arguments[0] == 'init' else './do/'}{shlex.join(arguments)}"


def _step(console: Console, why: str, arguments: Sequence[str]) -> None:
    """Say why, show the command as typed, and run it in this process."""
    from mlcc_core.cli.main import mlcc

    console.note()
    console.note(f"💬 {why}")
    console.note(f"$ {_typed(arguments)}")
    inner = Console(arguments)
    inner.debug, inner.quiet, inner.asks = console.debug, console.json, False
    mlcc.main(args=list(arguments), prog_name="mlcc", standalone_mode=False, obj=inner)


def _show_data(console: Console, dataset: Path) -> None:
    lines = dataset.read_text(encoding="utf-8").splitlines()
    console.note()
    console.note(f"💬 The dataset: {len(lines)} lines in {dataset}, for example")
    console.note(f"   {lines[0]}")
