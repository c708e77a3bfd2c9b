"""Every page of Start, Guides and Extend is followed from its first block to its last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages.conftest import Opening
from tests.docs.pages.page import DOCS, RUN, Setup, faults, pages, parts, surroundings

NAMED = [pytest.param(page, id=str(page.relative_to(DOCS))) for page in pages()]
WITH_BLOCKS = [
    pytest.param(page, id=str(page.relative_to(DOCS)))
    for page in pages()
    if any(isinstance(p, Setup) or p.file or p.language in RUN for p in parts(page))
]


@pytest.mark.parametrize("page", NAMED)
def test_every_block_can_be_followed(page: Path) -> None:
    assert list(faults(page)) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning")
@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_every_block_does_what_the_page_says(page: Path, reader: Opening) -> None:
    reader(surroundings(page)).follow(page)
