from tests.plugins.conftest import site  # noqa: F401 - a fixture
