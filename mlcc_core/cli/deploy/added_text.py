"""Adapters and models that were added or updated, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.cli.console import Console

if TYPE_CHECKING:
    from mlcc_core.actions.deploy.adapters import Added


def made_of(added: Added) -> str:
    """Return where the weights of what was added come from."""
    return added.source if added.run is None else f"{added.source} (the output of {added.run})"


def added_document(key: str, added: Added) -> dict[str, object]:
    """Return the document of what was added or updated.

    Args:
        key: of its name: ``adapter`` or ``component``.
        added: as the action returned it.
    """
    return {
        key: added.name,
        "source": added.source,
        "status": added.status,
        "run": added.run,
        "changed": added.changed,
    }


def show_updated(console: Console, updated: Added) -> None:
    """Say what an update changed."""
    adapter = updated.kind == "adapter"
    title = f"Adapter {updated.name}" if adapter else updated.name
    if updated.changed:
        console.result(f"✅ {title} now has the weights of {made_of(updated)}")
    else:
        console.result(f"✅ {title} has these weights already; nothing changed: {made_of(updated)}")
    console.result(f"📋 Next: ./do/test {'--adapter' if adapter else '--ic'} {updated.name}")
    console.document(added_document("adapter" if adapter else "component", updated))
