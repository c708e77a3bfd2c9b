"""``mlcc export``: a tuned model in files that other programs load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import platform_option, run_names
from mlcc_core.cli.sections import SectionedCommand

SECTIONS = {
    "Files": ("to", "form", "dtype", "max_shard_size"),
    "Asking it again": ("prompts",),
}


@click.command("export", cls=SectionedCommand, sections=SECTIONS)
@click.argument("target", required=False, shell_complete=run_names)
@click.option(
    *short("--to"),
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR|FILE",
    help="A new folder, or a file that ends in .gguf.",
)
@click.option(
    "--form",
    type=click.Choice(["merged", "adapter", "gguf"]),
    help="A whole model, the adapter alone, or one file for llama.cpp and Ollama; by default "
    "gguf for a .gguf file, else merged.",
)
@click.option(
    "--dtype",
    metavar="NAME",
    help="Number format: float32, bfloat16, float16, for GGUF also q8_0 (f32, bf16, f16 mean the "
    "same); by default the base's own, for GGUF float16.",
)
@click.option(
    "--max-shard-size",
    metavar="SIZE",
    default="5GB",
    show_default=True,
    help="Largest file of weights.",
)
@click.option(
    "--prompts",
    type=int,
    metavar="N",
    default=20,
    show_default=True,
    help="Prompts that the model and what was written are both asked; 0 for none.",
)
@platform_option
@common_options
@click.pass_obj
def command(console: Console, /, **given: Any) -> None:
    """Write TARGET for other programs, and ask what was written again.

    TARGET is a run (a start of its name, or a technique), base, an adapter or a path; by default
    the latest run that completed. An adapter is merged into its base, unless --form adapter. The
    model and what was written are asked the prompts of the held-out rows, and answers that differ
    are shown. The files appear whole or not at all, and nothing is overwritten.

    GGUF is written by the converter of llama.cpp, found in LLAMA_CPP_DIR or on PATH.

    \b
    Examples:
      mlcc export --to exported/qa
      mlcc export sft --to qa.gguf --dtype q8_0
      mlcc export my-project-sft-3f --to exported/adapter --form adapter
    """
    import dataclasses

    from mlcc_core.actions.export.export import export
    from mlcc_core.actions.export.request import ExportRequest
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.export.export_text import show
    from mlcc_core.cli.model_note import note_model
    from mlcc_core.cli.progress import TuneProgress

    request = ExportRequest(**given)
    session = open_session(platform=request.platform, say=console.note)
    with TuneProgress(console) as reporter:
        session = dataclasses.replace(session, say=reporter.say)
        result = export(session, request, reporter)
    show(console, result, request)
    note_model(console, session.platform, result.model)
    console.document(dataclasses.asdict(result))
