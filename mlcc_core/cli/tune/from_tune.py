"""``--from-tune [TECHNIQUE]``: an option whose value may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session

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


def weights_or_tuned(
    session: Session,
    kind: Literal["adapter", "model"],
    name: str,
    from_tune: str | None,
    given: str | None,
    flag: str,
) -> str:
    """The weights to deploy: given outright, or from the latest tune output.

    Raises:
        MlccError: both or neither were given, the name does not fit, or there is no such output.
    """
    from mlcc_core.actions.deployment import check_name, tuned_output

    check_name(name)
    if (from_tune is None) == (given is None):
        raise MlccError(
            f"Expected either --from-tune or {flag}" + (", not both." if given else "."),
            hint=f"mlcc {'adapter add' if kind == 'adapter' else 'add-ic'} {name} --from-tune",
        )
    if given is not None:
        return given
    return tuned_output(session, kind, None if from_tune == LATEST else from_tune, name)
