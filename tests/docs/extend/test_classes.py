"""Every class that a plugin meets is where the page points, and the tables are true."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import mlcc_core
from mlcc_core import Fault, Option
from mlcc_engine.engine import TRL

PAGE = (Path(__file__).parents[3] / "docs/extend/classes.md").read_text()
CONTRACT = {
    name
    for name in mlcc_core.__all__
    if getattr(getattr(mlcc_core, name), "__module__", "").startswith("mlcc_core.contract")
}
ELSEWHERE = {"try_reward_function", "check_judge_prompt"}
"""Public functions of the contract that the page names below the table."""


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def cells(section, column=0):
    return {
        name
        for line in section.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[column + 1])
    }


def test_every_class_of_the_contract_is_in_the_table():
    assert CONTRACT - cells(section("Classes")) - ELSEWHERE == set()
    assert all(f"`{name}`" in section("Classes") for name in ELSEWHERE)


def test_every_name_of_the_table_is_exported():
    assert cells(section("Classes")) - set(mlcc_core.__all__) == set()


def test_every_parameter_of_an_option_is_told():
    assert cells(section("Options")) == {field.name for field in fields(Option)}


def test_the_names_that_the_engine_takes():
    table = section("Names of hyperparameters")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", table, re.MULTILINE)
    assert dict(rows) == dict(TRL.hyperparameters)


def test_every_fault_is_told():
    assert cells(section("Faults")) == set(get_args(Fault))
