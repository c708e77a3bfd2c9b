"""A process that is about to load models, made ready for that."""

from __future__ import annotations


def make_ready() -> None:
    """Import what loading and asking a model takes, quickly and without a word, for one GPU.

    It is for a process that does nothing else.
    """
    from mlcc_engine import process
    from mlcc_engine.devices import use_one_gpu

    process.quiet_libraries()
    use_one_gpu()
    with process.quick_imports(alone=True):
        from mlcc_engine.answers.models import import_all

        import_all()
