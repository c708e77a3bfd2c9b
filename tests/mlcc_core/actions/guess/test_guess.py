"""The technique that a dataset fits, found by trying, from Python."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core import (
    CheckRequest,
    Column,
    DatasetSchema,
    EvaluatorArg,
    EvaluatorKind,
    MlccError,
    Option,
    PlatformError,
    Recipe,
    TuneRequest,
    Workspace,
    build_manager,
    check,
    guess,
    tune,
)
from mlcc_core.actions.guess.suggested import suggested
from mlcc_core.actions.guess.words import unnamed
from mlcc_core.testing.source import FakeSource
from tests.mlcc_core.world import First, Scored, World

USER = {"role": "user", "content": "q"}
REPLY = {"role": "assistant", "content": "a"}
TALK = [USER, REPLY]
PAIR = {"prompt": "a", "completion": "b"}
CHOICE = {"prompt": "a", "chosen": "b", "rejected": "c"}


class Paired(First):
    """A technique that prefers."""

    name: ClassVar[str] = "paired"
    schemas: ClassVar[tuple[DatasetSchema, ...]] = (
        DatasetSchema(
            columns=(Column("prompt"), Column("chosen"), Column("rejected")),
            example=CHOICE,
            differ=(("chosen", "rejected"),),
        ),
    )


class Marked(First):
    """A technique that needs what another does, and more."""

    name: ClassVar[str] = "marked"
    schemas: ClassVar[tuple[DatasetSchema, ...]] = (
        DatasetSchema(
            columns=(Column("prompt"), Column("completion"), Column("label", ("boolean",))),
            example={**PAIR, "label": True},
        ),
    )


class Judged(Scored):
    """A technique with the columns of another, and an evaluator of its own."""

    name: ClassVar[str] = "judged"
    evaluators: ClassVar[tuple[EvaluatorArg, ...]] = (
        EvaluatorArg(Option("--judge", str, "Who judges", "FILE"), EvaluatorKind.PROMPT),
    )


class Talking(First):
    """A technique whose datasets have two forms."""

    name: ClassVar[str] = "talking"
    forms: ClassVar[tuple[DatasetSchema, ...]] = (
        DatasetSchema((Column("messages", ("messages",)),), {"messages": TALK}, "messages"),
        First.schemas[0],
    )

    def mlcc_dataset_schema(self, model: object) -> Any:
        return self.forms


TECHNIQUES = (First(), Paired(), Scored())


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    use(world, monkeypatch, *TECHNIQUES)
    return world


def use(world: World, monkeypatch: pytest.MonkeyPatch, *techniques: First) -> None:
    others = [noun for noun in world.nouns if not isinstance(noun, First)]
    monkeypatch.setattr(World, "nouns", [*techniques, *others])


def found(world: World, *rows: dict[str, Any], **request: Any):
    dataset = world.write("data.jsonl", list(rows))
    return guess(world.session(), TuneRequest("", dataset, **request))


def best(world: World, *rows: dict[str, Any], **request: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(fit.technique, fit.flags) for fit in found(world, *rows, **request).best]


@pytest.mark.parametrize(
    ("row", "technique", "flags"),
    [
        (PAIR, "fake", ()),
        (CHOICE, "paired", ()),
        (
            {"question": "a", "answer": "b"},
            "fake",
            ('--column-map "question:prompt,answer:completion"',),
        ),
        ({**CHOICE, "row_id": 7}, "paired", ()),
        (
            {"question": "a", "chosen": "b", "rejected": "c"},
            "paired",
            ('--column-map "question:prompt"',),
        ),
        ({"messages": TALK}, "fake", ("--from-messages",)),
        (
            {"chosen": TALK, "rejected": [USER, {**REPLY, "content": "z"}]},
            "paired",
            ("--extract-prompt",),
        ),
        ({"prompt": "a", "reward_model": "r.py"}, "scored", ()),
    ],
)
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_the_columns_tell_the_technique(world: World, row, technique, flags, form):
    if form == "parquet":
        path = world.root / "data.parquet"
        pq.write_table(pa.Table.from_pylist([row] * 3), path)
        seen = guess(world.session(), TuneRequest("", str(path)))
        assert [(fit.technique, fit.flags) for fit in seen.best] == [(technique, flags)]
    else:
        assert best(world, *[row] * 3) == [(technique, flags)]


def test_a_guess_is_a_request_that_works(world: World):
    seen = found(world, *[{"question": str(n), "answer": "b", "id": n} for n in range(3)])
    (fit,) = seen.best
    assert (fit.read, fit.kept, fit.changes) == (3, 3, 2)
    assert (fit.columns, fit.dropped) == (("prompt", "completion"), ("id",))
    assert fit.first_row == {"prompt": "0", "completion": "b"}
    assert tune(world.session(), fit.request).output is not None
    assert fit.request.command_line().endswith("--column-map question:prompt,answer:completion")


def test_rows_that_are_taken_change_no_guess(world: World):
    rows = [{"question": str(n), "answer": "b"} for n in range(3)]
    assert best(world, *rows, take=2) == best(world, *rows) != []
    (fit,) = found(world, *rows, take=2).best
    assert fit.request.take == 2


def test_a_folder_outside_of_a_project_is_guessed_about_too(world: World):
    dataset = world.write("data.jsonl", [PAIR])
    workspace = Workspace(None, world.plugins, None)
    seen = guess(workspace, CheckRequest("", dataset))
    assert seen.certain is not None
    assert check(workspace, seen.certain.request).ok


def test_more_columns_used_are_better(world: World, monkeypatch: pytest.MonkeyPatch):
    use(world, monkeypatch, First(), Marked())
    seen = found(world, {**PAIR, "label": True})
    assert [fit.technique for fit in seen.best] == ["marked"]
    assert [fit.technique for fit in seen.fits] == ["marked", "fake"]
    assert seen.certain is None


def test_techniques_that_fit_alike_are_all_named(world: World, monkeypatch: pytest.MonkeyPatch):
    use(world, monkeypatch, Scored(), Judged())
    row = {"prompt": "a", "reward_model": "r.py"}
    seen = found(world, row)
    assert [fit.technique for fit in seen.best] == ["judged", "scored"]
    error = unnamed(seen)
    assert "fit judged and scored alike." in error.what
    assert error.hint is not None
    assert error.hint.startswith("./do/tune --technique judged --dataset ")
    assert error.hint.endswith("   # or --technique scored")
    for technique, line in zip(("judged", "scored"), error.detail, strict=False):
        assert line.startswith(f"{technique}: ./do/tune --technique {technique} --dataset ")
    flag = found(world, row, values={"judge": "j.txt"})
    assert [fit.technique for fit in flag.best] == ["judged"]
    assert "--judge does not apply to technique 'scored'" in flag.misfits[0].reason


def test_an_evaluator_flag_stands_for_the_column(world: World):
    assert best(world, {"prompt": "a"}) == []
    assert best(world, {"prompt": "a"}, values={"scorer": "s.py"}) == [("scored", ())]


def test_nothing_is_guessed_that_the_platform_does_not_train(world: World, monkeypatch):
    class Elsewhere(Paired):
        recipes: ClassVar[dict[str, Recipe]] = {"elsewhere": First.recipes["fake"]}

    use(world, monkeypatch, First(), Elsewhere())
    seen = found(world, CHOICE)
    assert [fit.technique for fit in seen.fits] == ["fake"]
    assert "cannot be trained on platform 'fake'" in seen.misfits[0].reason


def test_several_forms(world: World, monkeypatch: pytest.MonkeyPatch):
    use(world, monkeypatch, Talking(), Paired())
    seen = found(world, {"messages": TALK})
    assert [(fit.technique, fit.form, fit.changes) for fit in seen.fits] == [
        ("talking", "messages", 0)
    ]
    assert found(world, PAIR).fits[0].form == "default"
    lacks = {misfit.technique: misfit.lacks for misfit in found(world, {"x": 1}).misfits}
    assert lacks == {"talking": ("messages",), "paired": ("prompt", "chosen", "rejected")}


@pytest.mark.parametrize(
    "row",
    [
        {"question": 1, "answer": ["b"]},
        {"messages": [USER, {**REPLY, "audio": {"id": "x"}}]},
        {"messages": [USER]},
        {"conversations": [{"from": "human", "value": "q"}]},
    ],
)
def test_a_change_that_keeps_no_row_is_not_offered(world: World, row: dict[str, Any]):
    seen = found(world, *[row] * 3)
    assert seen.fits == ()
    assert "fit none." in unnamed(seen).what


def test_rows_that_are_wrong_are_counted(world: World):
    seen = found(world, {"completion": 3, "prompt": "a"}, PAIR, PAIR)
    assert [(fit.technique, fit.read, fit.kept) for fit in seen.best] == [("fake", 3, 2)]


def test_columns_that_are_there_come_before_other_columns(world: World):
    seen = found(world, {**CHOICE, "rejected": 3})
    assert [fit.technique for fit in seen.fits] == ["fake"]
    assert seen.best == ()
    error = unnamed(seen)
    assert "fit paired, but none of the first rows does" in error.what
    assert error.hint is not None
    assert error.hint.startswith("mlcc check --technique paired --dataset ")


def test_what_ails_the_dataset_is_said_of_it(world: World):
    (world.root / "page.jsonl").write_text("<!DOCTYPE html>\n<html>\n")
    with pytest.raises(MlccError, match="does not exist") as caught:
        guess(world.session(), TuneRequest("", "nowhere.jsonl"))
    with pytest.raises(MlccError, match=r"page\.jsonl is an HTML page"):
        guess(world.session(), TuneRequest("", str(world.root / "page.jsonl")))
    (world.root / "text.jsonl").write_text("no JSON\n")
    error = unnamed(guess(world.session(), TuneRequest("", str(world.root / "text.jsonl"))))
    assert error.what.startswith("text.jsonl, line 1: found invalid JSON")
    (world.root / "empty.jsonl").write_text("")
    with pytest.raises(MlccError, match="empty"):
        guess(world.session(), TuneRequest("", str(world.root / "empty.jsonl")))
    assert "--technique" not in (caught.value.hint or "")


def test_another_dataset_is_suggested_without_a_technique(world: World):
    with pytest.raises(MlccError) as caught:
        guess(world.session(), TuneRequest("", str(world.root / "trian.jsonl")))
    assert caught.value.hint == f"./do/tune --dataset {world.root / 'train.jsonl'}"


def test_a_place_that_fails_is_not_a_misfit(world: World, monkeypatch: pytest.MonkeyPatch):
    class Gone(FakeSource):
        name: ClassVar[str] = "gone"
        schemes: ClassVar[tuple[str, ...]] = ("gone",)

        def open(self, file: object, access: object) -> Any:
            raise PlatformError("no network")

    plugins = build_manager([*TECHNIQUES, Gone({"a.jsonl": b"{}\n"})], disable="")
    with pytest.raises(PlatformError, match="no network"):
        guess(Workspace(None, plugins, None), CheckRequest("", "gone://a.jsonl"))


def test_a_technique_that_is_named_is_the_only_one_that_is_tried(world: World):
    dataset = world.write("data.jsonl", [{"question": "a", "chosen": "b", "rejected": "c"}])
    seen = guess(world.session(), TuneRequest("fake", dataset))
    assert [fit.technique for fit in seen.fits] == ["fake"]
    with pytest.raises(MlccError, match="Unknown technique 'fkae'"):
        guess(world.session(), TuneRequest("fkae", dataset))


NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=",:+\"'`=#")
).map(str.strip)


@given(NAMES.filter(bool), NAMES.filter(bool))
def test_every_command_of_columns_is_read_back(dataset: str, name: str):
    request = TuneRequest("fake", dataset, values={"epochs": 2}, dry_run=True)
    named: list[dict[str, Any]] = [
        {"column_map": f"{name}:prompt"},
        {"from_messages": True},
        {"extract_prompt": True, "on_misfit": "skip"},
    ]
    for changes in named:
        if changes.get("column_map", "").startswith("--") or dataset.startswith("--"):
            continue
        command = request.command_line(**changes)
        assert suggested(request, f"{command}   # a remark") == replace(request, **changes)


@pytest.mark.parametrize(
    "hint",
    [
        None,
        "",
        "mlcc plugins",
        "./do/tune --technique fake --dataset other.jsonl --from-messages",
        "./do/tune --technique fake --dataset data.jsonl",
        "./do/tune --technique fake --dataset data.jsonl --on-misfit skip",
        "./do/tune --technique fake --dataset data.jsonl --from-messages --force",
        "./do/tune --technique fake --dataset data.jsonl --from-messages --no-transform",
        "./do/tune --technique fake --dataset data.jsonl's --from-messages",
        "./do/tune --technique fake --dataset data.jsonl > x --from-messages",
        "jq -c . < data.jsonl > rows.jsonl   # then name rows.jsonl",
    ],
)
def test_other_hints_change_no_columns(hint: str | None):
    assert suggested(TuneRequest("fake", "data.jsonl"), hint) is None


def test_names_that_would_break_the_line_are_shown_on_one(world: World):
    seen = found(world, {"a\nb": 1, "x" * 300: 2, **{f"c{n}": n for n in range(30)}})
    error = unnamed(seen)
    assert len(error.what.splitlines()) == 1
    assert "a b, " in error.what
    assert "and 20 more" in error.what
    assert len(error.what) < 500
    assert json.dumps(error.as_json())
