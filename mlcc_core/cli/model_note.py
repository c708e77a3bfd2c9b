"""The platform's remark on a model, said by every command that uses one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core.cli.console import Console
    from mlcc_core.contract.platform.platform import Platform


def note_model(console: Console, platform: Platform | None, model: str | None) -> None:
    """Say the platform's remark on a model, if there is one.

    Args:
        console: the streams of the command.
        platform: that uses the model.
        model: as the user named it.
    """
    note = platform.model_note(model) if platform is not None and model else None
    if note is not None:
        console.note(f"ℹ️  {note}")
