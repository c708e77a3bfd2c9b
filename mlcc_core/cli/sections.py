"""Help in sections: options stand under headings."""

from __future__ import annotations

import re
from typing import Any

import click

FLAG = re.compile(r"(?<!\S)\(?--[a-z-]+")
"""A flag in a help text."""

WHOLE = "\u2011"
"""A hyphen at which no line is broken, so that a flag can be read and copied whole."""


class SectionedCommand(click.Command):
    """A command whose options are shown under headings.

    Args:
        sections: option keys by heading, in the order shown; an option that no section names
            stands under ``Options``.
    """

    def __init__(self, *args: Any, sections: dict[str, tuple[str, ...]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = dict(sections)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = {
            param.name or "": record
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
            and (record := param.get_help_record(ctx)) is not None
        }
        for heading, keys in self.sections.items():
            self._section(formatter, heading, [records.pop(key) for key in keys if key in records])
        self._section(formatter, "Options", list(records.values()))

    @staticmethod
    def _section(
        formatter: click.HelpFormatter, heading: str, records: list[tuple[str, str]]
    ) -> None:
        if records:
            with formatter.section(heading):
                start = len(formatter.buffer)
                formatter.write_dl([(flag, FLAG.sub(_whole, text)) for flag, text in records])
                formatter.buffer[start:] = [
                    part.replace(WHOLE, "-") for part in formatter.buffer[start:]
                ]


def _whole(flag: re.Match[str]) -> str:
    return flag[0].replace("-", WHOLE)
