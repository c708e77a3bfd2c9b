"""Variables of scripts: names that share one are found."""

from __future__ import annotations

from mlcc_core.contract.script.variables import same_variable, script_variable


def test_names_that_share_a_variable_are_found() -> None:
    assert script_variable("batch-size.x") == "BATCH_SIZE_X"
    assert same_variable(["a-b", "c", "a_b"]) == ("a-b", "a_b")
    assert same_variable(["a", "b"]) is None
