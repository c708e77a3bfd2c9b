"""``check`` in tokens: the limits that are asked about, and the platform's counter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from mlcc_core.actions.requests import CheckRequest, flag_of
from mlcc_core.actions.tune.plan.recipes import reading_recipe
from mlcc_core.actions.tune.plan.request import HYPERPARAMETERS
from mlcc_core.contract.tokens import TokenCounter, TokenLimits
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.staging.results.token_tally import TokenTally

if TYPE_CHECKING:
    from mlcc_core.actions.session import Workspace
    from mlcc_core.contract.options import Option
    from mlcc_core.loader.bound_hooks import BoundTechnique
    from mlcc_core.loader.manager import Plugins


def limiting_options(plugins: Plugins) -> dict[str, tuple[Option, ...]]:
    """Return the options by technique that limit a row in tokens or say what of it is trained.

    Its own ones come first.
    """
    general = tuple(option for option in HYPERPARAMETERS if option.limits)
    return {
        name: (*(o for o in technique.options if o.limits or o.reads_rows), *general)
        for name, technique in plugins.techniques.items()
    }


class TokenCheck:
    """The part of a check that counts tokens.

    Args:
        workspace: whose platform counts; in a project its jobs cut rows even without a limit.
        request: with the limits that are asked about.
        technique: of the request.

    Raises:
        MlccError, Problems: a limit that the technique does not have, or with a bad value.
    """

    def __init__(
        self, workspace: Workspace, request: CheckRequest, technique: BoundTechnique
    ) -> None:
        self._workspace = workspace
        self._request = request
        self._technique = technique
        self._options = limiting_options(workspace.plugins)
        self._no_counter: MlccError | None = None
        raise_all(self._problems())

    @cached_property
    def limits(self) -> TokenLimits:
        """Return the limits that are asked about."""
        return TokenLimits(row=self._given("row"), prompt=self._given("prompt"))

    @contextmanager
    def tally(self, model: str, on_progress: Callable[[int], None]) -> Iterator[TokenTally | None]:
        """Open a tally of the tokens of a model; ``None`` where there is nothing that counts them.

        Args:
            model: empty for the platform's default model.
            on_progress: is given the number of rows that were counted so far.

        Raises:
            MlccError: there is no counter, and a limit is asked about.
        """
        every_row = self.limits != TokenLimits()
        with ExitStack() as stack:
            try:
                counter = stack.enter_context(self._counter(model))
            except MlccError as error:
                if every_row:
                    error.where = error.where or self._asking_flag()
                    raise
                self._no_counter = error
                yield None
                return
            limits = self.limits
            if not every_row and self._workspace.project:
                limits = TokenLimits(row=counter.row_limit)
            yield TokenTally(
                counter,
                limits,
                every_row=every_row,
                show=self._request.show,
                on_progress=on_progress,
            )

    def why_not(self, tally: TokenTally | None) -> str | None:
        """Return why no tokens were counted, and what to do about it; ``None`` if they were."""
        error = tally.failure if tally is not None else self._no_counter
        if error is None:
            return None
        return f"{error.what}\n{error.hint}" if error.hint else error.what

    def _counter(self, model: str) -> AbstractContextManager[TokenCounter]:
        platform = self._workspace.platform
        if platform is None:
            raise MlccError("No platform is installed that counts tokens.", hint="mlcc plugins")
        name = platform.name
        model = model or platform.default_model or ""
        if not model:
            raise MlccError(
                "Cannot count tokens: no model is named.",
                hint=self._request.command_line(model="MODEL"),
            )
        recipe = reading_recipe(self._technique, platform, self._request.values)
        counter = platform.runner.token_counter(self._workspace.context, model, recipe)
        if counter is None:
            raise MlccError(f"Platform {name!r} knows no tokenizers.", hint="mlcc plugins")
        return counter

    def _problems(self) -> Iterator[MlccError]:
        technique = self._technique.technique
        own = {option.key: option for option in self._options[technique.name]}
        for key, value in self._request.values.items():
            owners = [name for name, options in self._options.items() if _has(options, key)]
            what = f"{flag_of(key)} does not apply to technique {technique.name!r}"
            if key in technique.refused_options:
                yield self._instead(key, f"{what}; use {technique.refused_options[key]}.")
            elif key in own:
                if wrong := own[key].check(value):
                    without = {k: v for k, v in self._request.values.items() if k != key}
                    line = self._request.command_line(values=without)
                    wrong.hint = f"{line}   # without {flag_of(key)}"
                    yield wrong
            elif owners:
                yield self._instead(key, f"{what}; it belongs to {', '.join(owners)}.")

    def _instead(self, key: str, what: str) -> MlccError:
        """Return the error for a limit that the technique lacks; its own may be meant."""
        technique, values = self._technique.technique, self._request.values
        own = next(
            (
                option.key
                for option in self._options[technique.name]
                if option.key not in technique.refused_options
            ),
            key,
        )
        meant: Mapping[str, object] = {own: values[key]} if own != key else {}
        others = {name: value for name, value in values.items() if name != key}
        hint = self._request.command_line(values={**meant, **others})
        return MlccError(what, where=flag_of(key), hint=hint)

    def _given(self, limits: str) -> int | None:
        options = (o for o in self._options[self._technique.name] if o.limits == limits)
        values = [self._request.values.get(option.key) for option in options]
        return min((value for value in values if isinstance(value, int)), default=None)

    def _asking_flag(self) -> str:
        own = self._options[self._technique.name]
        return next(o.flag for o in own if o.limits and o.key in self._request.values)


def _has(options: tuple[Option, ...], key: str) -> bool:
    return any(option.key == key for option in options)
