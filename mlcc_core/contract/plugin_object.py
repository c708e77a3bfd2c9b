"""Parts that techniques, sources and platforms have in common."""

from __future__ import annotations

import inspect
from abc import ABC
from typing import ClassVar, Self

from mlcc_core.errors import PluginError


class PluginObject(ABC):
    """An object that a plugin ships, found by its name.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique among its kind.
    """

    name: ClassVar[str]

    def __new__(cls, *_: object, **__: object) -> Self:
        """Refuse a class that lacks a method, in the words that its author will read.

        Raises:
            PluginError: an abstract method has no implementation.
        """
        if inspect.isabstract(cls):
            missing = ", ".join(sorted(cls.__abstractmethods__))
            raise PluginError(f"{cls.__module__}.{cls.__qualname__} lacks {missing}")
        return super().__new__(cls)
