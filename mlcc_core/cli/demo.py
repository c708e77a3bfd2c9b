"""``mlcc demo``: the whole loop on this machine, each command shown as a user would type it."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.platform import Demo, Platform


OVERRIDING = ("MLCC_PROJECT", "PROJECT_NAME", "PLATFORM", "MODEL_ID")
"""Variables that would turn the demo's commands to another project, platform or model."""


@click.command("demo")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, file_okay=False), metavar="[DIR]"
)
@common_options
@click.pass_obj
def command(console: Console, folder: Path | None) -> None:
    """Tune a tiny model until it visibly learns, deploy the adapter, and compare.

    Works in DIR (new or empty), or in a new temporary folder. Needs no account and no network.
    """
    from mlcc_core.manager import build_manager

    platform, demo = _material(build_manager().platforms.values())
    root = _folder(folder)
    dataset = demo.dataset.name
    adapter = f"tuned-{demo.technique.replace('_', '-')}"
    console.say(f"🎬 mlcc demo on {platform.title}, in {root}")
    with _working_in(root):
        init = ["init", ".", *(["--platform", platform.name] if not platform.default else [])]
        _step(console, "A project is a folder with do/config.", init)
        shutil.copyfile(demo.dataset, dataset)
        _show_data(console, Path(dataset))
        tune = ["tune", "--technique", demo.technique, "--dataset", dataset, *demo.flags]
        _step(console, "Tune. Run again, it would go on or show the result.", tune)
        add = ["adapter", "add", adapter, "--from-tune", demo.technique]
        _step(console, "Put the adapter on the base model.", add)
        ask = ["test", "--adapter", adapter, "--prompt", demo.question]
        _step(console, "Ask base and adapter the same question.", ask, json=console.json)
    console.show(f"🎉 That was the loop. It is all in {root}")
    console.show("📋 Go on:")
    console.show(f"   cd {shlex.quote(str(root))}")
    console.show("   ./do/tune --status")


def _material(platforms: Iterable[Platform]) -> tuple[Platform, Demo]:
    for platform in platforms:
        if platform.demo is not None:
            return platform, platform.demo
    raise MlccError("No installed platform has a demo.", hint="mlcc plugins")


def _folder(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="mlcc-demo-")).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise MlccError(
            f"{folder} is not empty, expected a new or empty folder.",
            hint=f"mlcc demo {shlex.quote(f'{folder}-2')}",
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


def _step(console: Console, why: str, arguments: Sequence[str], *, json: bool = False) -> None:
    """Say why, show the command as typed, and run it in this process."""
    from mlcc_core.cli.main import mlcc

    program = "mlcc " if arguments[0] == "init" else "./do/"
    console.say()
    console.say(f"💬 {why}")
    console.say(f"$ {program}{shlex.join(arguments)}")
    inner = Console(arguments)
    inner.debug, inner.json = console.debug, json
    inner.quiet = console.json and not json
    mlcc.main(args=list(arguments), prog_name="mlcc", standalone_mode=False, obj=inner)
    console.told = inner.told


def _show_data(console: Console, dataset: Path) -> None:
    lines = dataset.read_text(encoding="utf-8").splitlines()
    console.say()
    console.say(f"💬 The dataset: {len(lines)} lines in {dataset}, for example")
    console.say(f"   {lines[0]}")
