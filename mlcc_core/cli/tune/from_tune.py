"""``--from-tune [TECHNIQUE]``: an option whose value may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlcc_core.actions.deploy.weights import WeightsRequest

LATEST = "*latest*"
FROM_TUNE_HELP = "The latest tune output, or that of one technique."
FLAG = "--from-tune"


class FromTuneCommand(click.Command):
    """A command with one argument NAME, before or after ``--from-tune [TECHNIQUE]``.

    click would either demand a value or, in ``add --from-tune NAME``, take NAME for it: the
    word after the flag is the technique only where another word is left to be the name.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if FLAG in args:
            at = args.index(FLAG)
            follows = args[at + 1 : at + 2]
            if not follows or follows[0].startswith("-") or not self._named_elsewhere(args, at):
                args = [*args[: at + 1], LATEST, *args[at + 1 :]]
        return super().parse_args(ctx, args)

    def _named_elsewhere(self, args: list[str], at: int) -> bool:
        """Return whether NAME stands somewhere other than right behind the flag."""
        taking = {
            flag
            for param in self.params
            if isinstance(param, click.Option) and not param.is_flag
            for flag in param.opts
        }
        rest = args[:at] + args[at + 2 :]
        words, skip = [], False
        for word in rest:
            if skip:
                skip = False
            elif word in taking:
                skip = True
            elif not word.startswith("-"):
                words.append(word)
        return bool(words)


def weights_request(name: str, weights: str | None, from_tune: str | None) -> WeightsRequest:
    """Return the request that parsed options mean."""
    from mlcc_core.actions.deploy.weights import WeightsRequest

    return WeightsRequest(name, weights, True if from_tune == LATEST else from_tune)
