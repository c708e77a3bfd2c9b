"""Parts that techniques, sources and platforms have in common."""

from __future__ import annotations

import inspect
from abc import ABC
from typing import ClassVar, Self

from mlcc_core.contract.version import stated_version, unfit
from mlcc_core.errors import ContractBreach, VersionMismatch


class PluginObject(ABC):
    """An object that a plugin ships, found by its name.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique among its kind.
        api_version: the version of the contract that it was written for, ``MAJOR.MINOR``; its
            module may state it in place of the class.
    """

    name: ClassVar[str]
    api_version: ClassVar[str | None] = None

    def __new__(cls, *_: object, **__: object) -> Self:
        """Refuse a class that lacks a method, in the words that its author will read.

        Raises:
            VersionMismatch: it states a version of the contract that this mlcc does not have.
            ContractBreach: an abstract method has no implementation.
        """
        mismatch = unfit(stated_version(cls))
        if mismatch is not None:
            raise VersionMismatch(mismatch)
        if inspect.isabstract(cls):
            missing = ", ".join(sorted(cls.__abstractmethods__))
            raise ContractBreach(f"{cls.__module__}.{cls.__qualname__} lacks {missing}")
        return super().__new__(cls)
