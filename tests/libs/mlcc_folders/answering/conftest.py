from tests.libs.mlcc_engine.conftest import cache, train

__all__ = ["cache", "train"]
