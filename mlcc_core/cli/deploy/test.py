"""``mlcc test``: ask the deployed model; with an adapter, compare it with its base."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.model_note import note_model
from mlcc_core.cli.options import platform_option

if TYPE_CHECKING:
    from mlcc_core.actions.deploy.ask import Reply

DEFAULT_PROMPT = "What is the capital of France?"


@click.command("test")
@click.option("--prompt", metavar="TEXT", default=DEFAULT_PROMPT, help="What to ask.")
@click.option("--adapter", metavar="NAME", help="Ask this adapter, and the base too.")
@click.option("--ic", metavar="NAME", help="Ask this inference component, and the base too.")
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console, prompt: str, adapter: str | None, ic: str | None, platform: str | None
) -> None:
    """Ask the deployed model.

    With --adapter or --ic the base model is asked too, and a ⚠️ says when the two answers do
    not differ: the adapter may not be on.
    """
    from mlcc_core.actions.deploy.ask import AskRequest, ask
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    note_model(console, session.platform, session.model)
    reply = ask(session, AskRequest(prompt, adapter, ic))
    show_reply(console, reply)
    if reply.base is not None:
        show_difference(console, reply.target or "", differs=bool(reply.differs))
    console.document(
        {
            "prompt": prompt,
            "target": reply.target,
            "answer": reply.answer,
            "base": reply.base,
            "differs": reply.differs,
        }
    )


def show_reply(console: Console, reply: Reply, *, noise: bool = False) -> None:
    """Show an answer, beside the base's where that was asked too.

    Args:
        console: the streams of the command.
        reply: the replies of the base and of the tuned model.
        noise: the base model has random weights; what it said is not shown.
    """
    console.result(f"📋 Prompt: {printable(reply.prompt)}")
    if reply.base is None:
        console.result(f"   Answer: {printable(reply.answer)}")
        return
    base = "(noise: this base is an untrained toy that knows nothing)"
    console.result(f"   Base:   {base if noise else printable(reply.base)}")
    console.result(f"   Tuned:  {printable(reply.answer)}")


def show_difference(console: Console, target: str, *, differs: bool) -> None:
    """Say whether the answers of ``target`` are its base's."""
    if differs:
        console.result(f"✅ {target} answers differently from its base.")
    else:
        console.result(
            f"⚠️  {target} answers exactly as its base does: it may not be on, "
            "or this prompt does not show what it learned."
        )


def printable(text: str) -> str:
    """Return an answer as a terminal may show it: untrained models write escapes, too."""
    lines = text.splitlines() or [""]
    shown = ["".join(c if c.isprintable() else "\N{MIDDLE DOT}" for c in line) for line in lines]
    return "\n           ".join(shown)
