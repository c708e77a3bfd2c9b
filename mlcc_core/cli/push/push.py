"""``mlcc push``: a tuned model to a hub, with a card made of its run's record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import platform_option, run_names
from mlcc_core.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from mlcc_core.actions.push.request import Pushed

SECTIONS = {
    "Model": ("merged", "examples"),
    "Repository": ("public", "replace", "message", "hub", "assume_yes"),
}


@click.command("push", cls=SectionedCommand, sections=SECTIONS)
@click.argument(
    "words", nargs=-1, required=True, metavar="[TARGET] ORG/NAME", shell_complete=run_names
)
@click.option("--merged", is_flag=True, help="A whole model in place of the adapter.")
@click.option("--public", is_flag=True, help="Everybody may load it; by default it is private.")
@click.option("--message", metavar="TEXT", help="The message of the commit.")
@click.option(
    "--replace", is_flag=True, help="Remove other files there, of another form of the model too."
)
@click.option(
    "--with-examples",
    "examples",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Show N rows of the latest evaluation, with the answers, in the card.",
)
@click.option("--hub", metavar="NAME", help="Which hub, where several are installed.")
@click.option(*short("--yes"), "assume_yes", is_flag=True, help="Ask nothing.")
@platform_option
@common_options
@click.pass_obj
def command(console: Console, /, words: tuple[str, ...], **given: Any) -> None:
    """Push TARGET to ORG/NAME on a hub of models, private unless --public.

    TARGET is a run (a start of its name) or a technique; by default the latest run that
    completed. Its model card is made of its record: rows are never in it unless --with-examples
    asks for them, nor is a path, a host or a secret of this machine. All is one commit: what is
    cut off is not visible, and the same command goes on with it.

    \b
    Examples:
      mlcc push me/qa-lora
      mlcc push sft me/qa-lora --message "Five more epochs"
      mlcc push my-project-sft-3f me/qa --merged --public
    """
    from mlcc_core.actions.push.push import push
    from mlcc_core.actions.push.request import PushRequest
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    if len(words) > 2:
        raise click.UsageError(f"Got unexpected extra argument ({words[2]})")
    *targets, repo = words
    request = PushRequest(repo, targets[0] if targets else None, **given)
    session = open_session(platform=request.platform, say=console.note, confirm=confirm)
    _show(console, push(session, request))


def _show(console: Console, pushed: Pushed) -> None:
    import dataclasses

    if not pushed.changed:
        console.result(f"✅ Nothing changed: {pushed.repo} holds {pushed.job} already.")
    else:
        what = "The adapter" if pushed.form == "adapter" else "The model"
        console.result(f"✅ {what} of {pushed.job} is at {pushed.address}")
    if pushed.removed:
        console.result(f"   removed from it: {', '.join(pushed.removed)}")
    console.result(
        f"   revision {pushed.revision[:12]}, {'private' if pushed.private else 'public'}"
    )
    readers = "those who may read it" if pushed.private else "others"
    console.result(f"📋 How {readers} use it:")
    for line in pushed.loads:
        console.result(f"   {line}")
    console.document(dataclasses.asdict(pushed))
