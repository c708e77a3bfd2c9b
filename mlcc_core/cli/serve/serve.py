"""``mlcc serve``: the project's models under OpenAI's interface."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import click

from mlcc_core.actions.serve.request import KEY_VARIABLE, LOOPBACK, PORT
from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.document import Document
from mlcc_core.cli.model_note import note_model
from mlcc_core.cli.options import platform_option, run_names
from mlcc_core.cli.waiting.spinner import rest

if TYPE_CHECKING:
    from mlcc_core.actions.serve.request import ReadyServer


class ServeDocument(Document):
    """``mlcc serve``, printed when the server answers; it then goes on until a signal comes.

    Attributes:
        url: for clients, with ``/v1``.
        server: the program that answers: ``mlcc``, or the platform's.
        base: the name of the base model.
        models: names by which models are asked.
        left_out: why a model is not served, by its name.
    """

    url: str
    server: str
    base: str
    models: list[str]
    left_out: dict[str, str]


@click.command("serve")
@click.argument("targets", nargs=-1, metavar="[TARGET]…", shell_complete=run_names)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="To listen on; 0 takes a free one.",
)
@click.option(
    "--host",
    metavar="ADDRESS",
    default=LOOPBACK,
    show_default=True,
    help="To listen on; one that other machines reach needs a key.",
)
@click.option(
    "--api-key",
    metavar="KEY",
    envvar=KEY_VARIABLE,
    help=f"Requests must have it. Better in {KEY_VARIABLE}: flags are seen in the list of "
    "processes.",
)
@click.option(
    "--server",
    type=click.Choice(("auto", "mlcc", "platform")),
    default="auto",
    help="auto: the platform's own where it has one on this machine, else mlcc's.",
)
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console,
    targets: tuple[str, ...],
    port: int,
    host: str,
    api_key: str | None,
    server: str,
    platform: str | None,
) -> None:
    """Serve the base model, every adapter and every model of the project until Ctrl-C.

    Clients of OpenAI's chat completions name a model: the base (by its name, or `base`), what is
    deployed, the output of a run (by the job's name), or a TARGET given here: a run, a technique,
    the folder of an adapter or a model. All adapters share one base in memory.

    Without a temperature, replies are the most likely ones: those of `mlcc test`. Reasoning comes
    as reasoning_content, calls of tools as text. A parameter that cannot be honoured is refused.

    --json prints one document when the server answers. Ctrl-C and SIGTERM give running replies
    3 seconds, then end them with an error, and the exit code is 0; a second Ctrl-C ends at once,
    with 130. Before the server answers, the exit code is 130, or 143 by SIGTERM.

    \b
    Examples:
      mlcc serve
      mlcc serve ./my-adapter --port 0
      MLCC_SERVE_API_KEY=... mlcc serve --host 0.0.0.0
    """
    from mlcc_core.actions.serve.request import ServeRequest
    from mlcc_core.actions.serve.serve import serve
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    note_model(console, session.platform, session.model)
    own = {"auto": None, "mlcc": True, "platform": False}[server]
    request = ServeRequest(targets, host, port, api_key, own)
    serve(session, request, lambda ready: show_ready(console, ready))
    console.result("✅ Stopped.")


def show_ready(console: Console, ready: ReadyServer) -> None:
    """Show where the server answers, and lines to paste."""
    count = f"{ready.adapters} adapter{'' if ready.adapters == 1 else 's'}"
    by = "" if ready.server == "mlcc" else f" with {ready.server}"
    console.result(f"✅ Serving {ready.base} and {count}{by} on {ready.url} (Ctrl-C stops)")
    console.result(f"   Models: {', '.join(ready.models)}")
    if ready.locked:
        console.result(f"   Where you paste these, first: export {KEY_VARIABLE}=YOUR_KEY")
    for line in pasted(ready):
        console.result(f"   {line}")
    rest()
    console.document(
        {
            "url": ready.url,
            "server": ready.server,
            "base": ready.base,
            "models": list(ready.models),
            "left_out": dict(ready.left_out),
        }
    )


def pasted(ready: ReadyServer) -> tuple[str, str]:
    """Return lines to paste: one for a shell, one for Python; the key is a variable in both."""
    body = {"model": ready.models[-1], "messages": [{"role": "user", "content": "Hello"}]}
    key = f' -H "Authorization: Bearer ${KEY_VARIABLE}"' if ready.locked else ""
    curl = (
        f"curl {ready.url}/chat/completions -H 'Content-Type: application/json'{key} "
        f"-d {shlex.quote(json.dumps(body))}"
    )
    value = f'os.environ["{KEY_VARIABLE}"]' if ready.locked else '"none"'
    return curl, f'OpenAI(base_url="{ready.url}", api_key={value})'
