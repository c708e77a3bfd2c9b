import pytest

from tests.libs.mlcc_engine.answers.models import Made, make
from tests.libs.mlcc_engine.trainings import Train


@pytest.fixture(scope="session")
def made(train: Train, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One model that learned, and three that did not."""
    return make(train, tmp_path_factory.mktemp("made"))
