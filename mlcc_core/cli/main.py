"""The group ``mlcc``: each command is loaded when it is called, errors are printed here alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from mlcc_core.cli.console import Console
from mlcc_core.cli.folding.help_text import fold_help_texts
from mlcc_core.cli.plugins.extra_commands import (
    extra_commands,
    left_out_commands,
    load_command,
    provider,
)
from mlcc_core.cli.signals import ending_is_an_interrupt, ignore_sigint
from mlcc_core.cli.streams import open_streams, reader_has_gone, reader_may_go, silence
from mlcc_core.cli.waiting.spinner import watching
from mlcc_core.cli.waiting.titles import title_of
from mlcc_core.errors import ExitCode, Interrupted, MlccError, PlatformError, is_interrupt
from mlcc_core.helpers.text import one_line
from mlcc_core.project.commands import COMMANDS

EPILOG = """\b
Exit codes: 0 done; 1 your input; 2 the job failed or was stopped;
3 the platform (credentials, permission, quota, network, disk);
4 `evaluate --require` was not met;
130 interrupted (143 by SIGTERM, 129 by SIGHUP)."""


HELP = frozenset(("-h", "--help", "--version"))
"""Words after which a command does nothing but print, which cannot fail."""


UNLISTED = {"help": "meant.help_command", "version": "meant.version_command"}
"""Modules of commands that ``mlcc --help`` does not list: its flags say the same."""


class ReaderGone(Exception):
    """The reader of stdout has closed it, while a command printed without a console.

    Such a command (a plugin's) ends in its middle: its verdict is not known.
    """


class LazyGroup(click.Group):
    """Knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *(name for name in extra_commands() if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS or name in UNLISTED:
            known = COMMANDS[name].module if name in COMMANDS else UNLISTED[name]
            module = import_module(f"mlcc_core.cli.{known}")
            command: object = module.command
            return command if isinstance(command, click.Command) else module.command()
        return load_command(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        own = (*COMMANDS, *UNLISTED)
        unknown = args and not args[0].startswith("-") and args[0] not in own
        if (
            unknown
            and args[0] not in (known := self.list_commands(ctx))
            and args[0] not in left_out_commands()
        ):
            from mlcc_core.cli.meant.unknown_command import unknown_command

            raise unknown_command(self, args, known)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OSError as error:
            # click would take a broken pipe of whatever kind for our reader that has gone.
            if isinstance(error, BrokenPipeError) and reader_has_gone():
                raise ReaderGone from error
            raise as_mlcc_error(error, ctx.find_object(Console) or Console()) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, known.help) for name, known in COMMANDS.items()]
        with formatter.section("Commands"):
            formatter.write_dl(own)
        extra = [
            (name, f"from {provider(point)}")
            for name, point in extra_commands().items()
            if name not in COMMANDS
        ]
        if extra:
            with formatter.section("Commands of plugins"):
                formatter.write_dl(extra)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(None, "-V", "--version", package_name="mlcc", prog_name="mlcc")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_obj
def mlcc(console: Console, debug: bool) -> None:
    """Fine-tune a model: check the data, run the job, deploy and test the result.

    Start with `mlcc demo`, or `mlcc init my-project`.

    \b
    Examples:
      mlcc demo
      mlcc init my-project
      mlcc check train.csv
      mlcc tune train.csv
      mlcc help tune
    """
    console.debug = console.debug or debug


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; ``None`` takes the process's own.

    Returns:
        The exit code, as documented in :class:`~mlcc_core.errors.ExitCode`.
    """
    open_streams()
    fold_help_texts()
    words = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(words)
    console.debug = os.environ.get("MLCC_DEBUG", "") not in ("", "0")
    try:
        with ending_is_an_interrupt() as termination, watching(title_of(words)):
            answer = mlcc.main(args=words, prog_name="mlcc", standalone_mode=False, obj=console)
            with reader_may_go(sys.stdout):
                sys.stdout.flush()
    except BaseException as error:
        # Options may not have been parsed when it happened.
        console.json = console.json or "--json" in words
        with ignore_sigint():
            return report(console, error, termination.number)
    return int(answer) if isinstance(answer, int) else ExitCode.DONE


def report(console: Console, error: BaseException, signal: int | None = None) -> int:
    """Show the exception that ended a command, and return its exit code.

    Args:
        console: the streams of the command.
        error: as it left the command.
        signal: the number of the signal that ended it, if one did.
    """
    if isinstance(error, ReaderGone) or (isinstance(error, BrokenPipeError) and reader_has_gone()):
        silence(sys.stdout)
        return ExitCode.DONE if HELP.intersection(console.words) else ExitCode.UNREAD
    if isinstance(error, (click.exceptions.Exit, SystemExit)):
        # click leaves this way when it has completed a word, printed a version or a help text.
        code = error.exit_code if isinstance(error, click.exceptions.Exit) else error.code
        return code if isinstance(code, int) else ExitCode.DONE if code is None else ExitCode.INPUT
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        console.note(error.ctx.get_help() if error.ctx else "mlcc --help")
        return ExitCode.INPUT
    if console.debug and not isinstance(error, click.UsageError):
        import traceback

        with reader_may_go(sys.stderr):
            traceback.print_exception(error, file=sys.stderr)
    shown = as_mlcc_error(error, console)
    if signal is not None and isinstance(shown, Interrupted):
        shown.exit_code = ExitCode(128 + signal)
    try:
        console.error(shown)
        sys.stdout.flush()
    except OSError:
        silence(sys.stdout)
    return shown.exit_code


def as_mlcc_error(error: BaseException, console: Console) -> MlccError:
    """Return the error that the user sees for any exception; a bug says how to report it."""
    if isinstance(error, MlccError):
        return error
    if isinstance(error, click.UsageError):
        from mlcc_core.cli.meant.unknown_flag import flag_error
        from mlcc_core.cli.runs.missing_run import missing_run

        try:
            flags = flag_error(error, console.typed)
        except MlccError as broken:  # a plugin, whose flags would be looked at
            return broken
        if flags is not None:
            return flags
        from mlcc_core.cli.meant.words.extra_words import without_extra_words

        named = [word for word in console.words[:1] if word in COMMANDS]
        command = error.ctx.command_path if error.ctx else " ".join(("mlcc", *named))
        return missing_run(error) or MlccError(
            " ".join(error.format_message().split()),
            hint=without_extra_words(error, console.typed) or f"{command} --help",
        )
    if isinstance(error, click.ClickException):
        return MlccError(error.format_message(), hint="mlcc --help")
    if is_interrupt(error) or isinstance(error, click.Abort):
        return Interrupted("Interrupted.")
    from mlcc_core.helpers.memory import is_out_of_memory, out_of_memory

    if is_out_of_memory(error):
        return out_of_memory(error)
    if isinstance(error, OSError):
        from mlcc_core.helpers.disk import disk_error

        return disk_error(error)
    from mlcc_core.loader.guard.installed import plugin_failure

    return plugin_failure(error) or PlatformError(
        f"This is a bug in mlcc: {one_line(error)}",
        hint=f"MLCC_DEBUG=1 {console.command_with()}   # and report what it prints",
    )
