"""Every class that a plugin meets is where the page points, and the tables are true."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import mlcc_core
from mlcc_core import Fault, Option
from mlcc_engine.engine import TRL

PAGE = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
SECTION = PAGE.partition("### The classes that you meet")[2].partition("\n### ")[0]
CONTRACT = {
    name
    for name in mlcc_core.__all__
    if getattr(getattr(mlcc_core, name), "__module__", "").startswith("mlcc_core.contract")
}
ELSEWHERE = {"try_reward_function", "check_judge_prompt"}
"""Public functions of the contract that section 2 shows, or that the table of helpers has."""


def cells(section, column=0):
    return {
        name
        for line in section.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[column + 1])
    }


def test_every_class_of_the_contract_is_in_the_table():
    assert CONTRACT - cells(SECTION) - ELSEWHERE == set()


def test_every_name_of_the_table_is_exported():
    table = SECTION.partition("An `Option` is")[0]
    assert cells(table) - set(mlcc_core.__all__) == set()


def test_every_parameter_of_an_option_is_told():
    table = SECTION.partition("An `Option` is")[2].partition("The engine `trl`")[0]
    assert cells(table) == {field.name for field in fields(Option)}


def test_the_names_that_the_engine_takes():
    table = SECTION.partition("The engine `trl`")[2].partition("A technique that")[0]
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", table, re.MULTILINE)
    assert dict(rows) == dict(TRL.hyperparameters)


def test_every_fault_is_told():
    table = SECTION.partition("| fault |")[2].partition("| error |")[0]
    assert cells(table) == set(get_args(Fault))
