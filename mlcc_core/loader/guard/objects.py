"""Objects of plugins, each of whose methods of the contract is called with care.

A method that raises, ends the process, prints or answers with a wrong type is the plugin's fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.platform.account import Account
from mlcc_core.contract.platform.answering import Answering, AnswerSession
from mlcc_core.contract.platform.chatting import ChatSession
from mlcc_core.contract.platform.exporting import Exporting
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.contract.platform.store import DataStore
from mlcc_core.contract.script.running import ScriptRunner
from mlcc_core.loader.guard import owner as calls
from mlcc_core.loader.guard.answers import expected_of, wrong
from mlcc_core.loader.guard.handles import Entered, Lines
from mlcc_core.loader.guard.owner import Owner, watched, within

T = TypeVar("T")

PARTS: Mapping[str, type] = MappingProxyType(
    {
        "store": DataStore,
        "runner": JobRunner,
        "serving": Serving,
        "answering": Answering,
        "exporting": Exporting,
        "pricing": Pricing,
        "managed": ManagedEvaluating,
        "scripts": ScriptRunner,
        "account": Account,
    }
)
"""Attributes of a platform that are guarded in their turn."""

TIMED = frozenset({"describe", "list_jobs"})
"""Methods that look at jobs: they must answer in time."""


class Guard:
    """An object of a plugin that is called with care.

    Args:
        target: the plugin's object.
        contract: the class of the contract that it answers.
        owner: the plugin.
    """

    def __init__(self, target: object, contract: type, owner: Owner) -> None:
        self._target = target
        self._contract = contract
        self._owner = owner

    def __repr__(self) -> str:
        return repr(self._target)

    def __getattr__(self, name: str) -> Any:
        declared = getattr(self._contract, name, None)
        if name.startswith("_") or declared is None:
            return getattr(self._target, name)
        if isinstance(declared, property):
            return self._property(name, declared)
        value = getattr(self._target, name)
        if not callable(value) or not callable(declared):
            return value
        return self._guarded(name, value, declared)

    def _property(self, name: str, declared: property) -> object:
        with watched(self._owner, name):
            value = getattr(self._target, name)
        self._check(name, value, declared.fget or type(None))
        if self._contract is Platform and name in PARTS and value is not None:
            return guarded(value, PARTS[name], self._owner)
        return value

    def _guarded(
        self, name: str, method: Callable[..., object], declared: Callable[..., object]
    ) -> Callable[..., object]:
        def call(*arguments: object, **keywords: object) -> object:
            owner = self._owner.hiding((*arguments, *keywords.values()))
            if not is_overridden(self._target, self._contract, name):
                owner = replace(owner, inherited=True)
            if name in TIMED:
                seconds = calls.LOOK_SECONDS
                answer = within(seconds, owner, name, method, *arguments, **keywords)
            else:
                with watched(owner, name):
                    answer = method(*arguments, **keywords)
            self._check(name, answer, declared)
            if hasattr(answer, "read"):
                return answer  # a file, which is an iterator and a context manager, too
            if isinstance(answer, Iterator):
                return Lines(answer, owner, name)
            if isinstance(answer, AbstractContextManager):
                return Entered(answer, owner, name, self._entered)
            return answer

        return call

    def _entered(self, value: object) -> object:
        """Guard what a context manager gives to its block, where that is a part in its turn."""
        for contract in (AnswerSession, ChatSession):
            if isinstance(value, contract):
                return guarded(value, contract, self._owner)
        return value

    def _check(self, name: str, answer: object, declared: Callable[..., object]) -> None:
        why = wrong(answer, expected_of(declared))
        if why is not None:
            raise self._owner.wrong_answer(name, why)


def is_overridden(value: object, contract: type, name: str) -> bool:
    """Return whether an object of a plugin answers a method by itself, guarded or not.

    Args:
        value: of the plugin.
        contract: the class of the contract that it answers.
        name: of a method that has a default there.
    """
    target = vars(value)["_target"] if isinstance(value, Guard) else value
    return getattr(type(target), name, None) is not getattr(contract, name)


def guarded(target: T, contract: type, owner: Owner) -> T:
    """Return ``target`` with its methods of ``contract`` guarded, typed as before."""
    return cast("T", Guard(target, contract, owner))
