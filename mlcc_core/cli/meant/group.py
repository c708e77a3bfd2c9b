"""A group of commands that leads from a word to the command that was meant."""

from __future__ import annotations

import click


class Group(click.Group):
    """A group whose unknown commands are answered with the one that was meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from mlcc_core.cli.meant.unknown_command import unknown_in_group

            path = ctx.command_path.split()[1:]
            program = ctx.find_root().command
            raise unknown_in_group(program, path, args, self.list_commands(ctx))
        return super().resolve_command(ctx, args)
