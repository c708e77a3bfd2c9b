"""The page about the request says what the tests hold it to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_sagemaker.instances.options.declared import INSTANCES, PACKAGES

pytest.importorskip("sagemaker.core")

PAGE = Path(__file__).parents[5] / "docs" / "training-jobs.md"


def test_every_difference_is_on_the_page_with_its_reason():
    from tests.plugins.mlcc_sagemaker.instances.request import test_oracle

    rows = (line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines())
    told = {tuple(cell.replace("`", "") for cell in row) for row in rows if len(row) == 2}
    listed = test_oracle.DIFFERENCES | test_oracle.CODE_DIFFERENCES
    assert set(listed.items()) <= told


def test_every_flag_of_instances_is_on_the_page():
    text = PAGE.read_text()
    for option in (*INSTANCES, PACKAGES):
        assert f"`{option.flag}`" in text, option.flag
