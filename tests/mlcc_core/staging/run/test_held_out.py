"""Rows that are held out of training: which, in which order, and who accounts for them."""

import io
import json
from collections import Counter

import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.staging import check, stage
from mlcc_core.staging.model.hold_out import HoldOut
from mlcc_core.staging.run.held_out import HeldOutPart, choose
from mlcc_core.staging.run.prompt_hash import prompt_hashes
from tests.example_count import examples
from tests.mlcc_core.staging.datasets import PAIRS, PROMPTS, jsonl, make_job, on_disk, parquet

AUTO = HoldOut("auto", fraction=0.1, at_least=50, at_most=200)


def part_of(share):
    return HoldOut(str(share), fraction=share)


def number(rows):
    return HoldOut(str(rows), rows=rows)


def pairs(count, start=0):
    return [{"prompt": f"q{i}", "completion": f"a{i}"} for i in range(start, start + count)]


def divided(files, rule, schema=PAIRS, **options):
    """Stage files, divided by a rule; the rows of both parts, and the report."""
    job = make_job(files, schema, **options)
    return divided_job(job, rule)


def divided_job(job, rule):
    training, held_out = io.BytesIO(), io.BytesIO()
    report = stage(job, training, held_out=HeldOutPart(rule, held_out, "mend"))
    assert report.bytes == len(training.getvalue())
    parts = [
        [json.loads(line) for line in sink.getvalue().split(b"\n")[:-1]]
        for sink in (training, held_out)
    ]
    assert report.rows == len(parts[0])
    assert report.ledger.held_out == len(parts[1])
    assert report.ledger.trained == len(parts[0])
    return *parts, report


@pytest.mark.parametrize(
    ("rule", "rows", "held_out"),
    [
        (part_of(0.1), 200, 20),
        (part_of(0.1), 5, 1),
        (part_of(0.5), 2, 1),
        (part_of(0.25), 10, 3),
        (number(1), 2, 1),
        (number(7), 200, 7),
        (AUTO, 49, 0),
        (AUTO, 50, 5),
        (AUTO, 5000, 200),
    ],
)
def test_as_many_rows_as_asked(rule, rows, held_out):
    training, validation, report = divided(jsonl(*pairs(rows)), rule)
    assert (len(training), len(validation)) == (rows - held_out, held_out)
    assert report.ledger.written == rows


@pytest.mark.parametrize(
    ("rule", "rows", "says"),
    [
        (part_of(0.1), pairs(3), "--validation 0.1 of 3 rows is less than one row"),
        (number(3), pairs(3), "--validation 3 holds out all 3 rows"),
        (number(9), pairs(3), "--validation 9 holds out all 3 rows"),
        (part_of(0.9), pairs(1), "holds out all 1 rows"),
        (number(1), pairs(1) * 20, "--validation 1 holds out all 20 rows"),
        (part_of(0.1), pairs(1) * 20, "means 2 rows, but every prompt occurs in more rows"),
    ],
)
def test_two_parts_or_an_error(rule, rows, says):
    with pytest.raises(MlccError, match=says) as raised:
        divided(jsonl(*rows), rule)
    assert raised.value.where == "--validation"
    assert raised.value.hint == "mend"


def test_the_default_leaves_a_dataset_of_one_prompt_whole():
    training, validation, _ = divided(jsonl(*pairs(1) * 60), AUTO)
    assert (len(training), validation) == (60, [])


def test_equal_prompts_stay_together():
    rows = [{"prompt": f"q{i % 20}", "completion": f"a{i}"} for i in range(100)]
    training, validation, _ = divided(jsonl(*rows), number(7))
    assert len(validation) == 10  # two prompts, as one has five rows alone
    training_20, validation_20, _ = divided(jsonl(*rows), part_of(0.07))
    assert len(validation_20) == 5  # one of them: two were more than the fraction
    for kept, held in ((training, validation), (training_20, validation_20)):
        assert not {row["prompt"] for row in kept} & {row["prompt"] for row in held}


def test_a_prompt_of_many_rows_does_not_take_the_dataset():
    rows = pairs(100) + [{"prompt": "same", "completion": f"a{i}"} for i in range(900)]
    _, validation, _ = divided(jsonl(*rows), part_of(0.05))
    assert len(validation) == 50
    assert "same" not in {row["prompt"] for row in validation}


def test_appended_rows_exchange_no_row_for_another():
    before = {row["prompt"] for row in divided(jsonl(*pairs(300)), part_of(0.1))[1]}
    _, validation, _ = divided(jsonl(*pairs(350)), part_of(0.1))
    after = {row["prompt"] for row in validation}
    old = {row["prompt"] for row in pairs(300)}
    kept = after & old
    assert kept <= before or before <= kept
    assert len(kept ^ before) < 10


def test_every_file_accounts_for_its_rows():
    files = {"a.jsonl": jsonl(*pairs(100)), "b.jsonl": jsonl(*pairs(60, 100), {"prompt": ["x"]})}
    with pytest.raises(MlccError, match=r"b\.jsonl, line 61"):
        divided(files, number(30))
    files["b.jsonl"] = jsonl(*pairs(60, 100))
    _, validation, report = divided(files, number(30))
    first, second = report.ledger.files
    numbers = [int(row["prompt"][1:]) for row in validation]
    assert first.held_out == sum(n < 100 for n in numbers)
    assert second.held_out == sum(n >= 100 for n in numbers)
    assert report.ledger.in_words() == (
        "160 read = 160 good (130 to train on + 30 held out) + 0 left out + 0 wrong"
    )


def test_the_prompt_of_a_conversation_is_what_comes_before_its_first_reply():
    def talk(*turns):
        roles = ("user", "assistant")
        return [{"role": roles[i % 2], "content": turn} for i, turn in enumerate(turns)]

    def hashes(*rows):
        return prompt_hashes(jsonl(*rows))

    alike = hashes({"messages": talk("q", "a", "b", "c")}, {"messages": talk("q", "other")})
    assert alike[0] == alike[1] != hashes({"messages": talk("r", "a")})[0]
    tools = {"role": "user", "content": "q", "tool_calls": None}
    assert hashes({"messages": [tools, *talk("q", "a")[1:]]})[0] == alike[0]
    greeted = [{"role": "assistant", "content": text} for text in ("Hello", "Hi")]
    assert len(set(hashes(*({"messages": [one]} for one in greeted)))) == 2
    assert len(set(hashes({"text": "a"}, {"text": "b"}, {"text": "a"}))) == 2
    assert hashes({"text": "a", "n": 1}) == hashes({"n": 1, "text": "a"})


def test_hashes_are_those_of_every_version():
    """A dataset that was divided once is divided so for ever."""
    assert prompt_hashes(jsonl({"prompt": "What?"})) == [0xA4949E2C96DE2668]


def test_escapes_do_not_matter():
    plain = '{"prompt": "caf\u00e9 \U0001f600/", "completion": "a"}\n'.encode()
    escaped = b'{"completion": "b", "prompt": "caf\\u00e9 \\ud83d\\ude00\\/"}\n'
    assert prompt_hashes(plain) == prompt_hashes(escaped)


def test_rows_deeper_than_a_decoder_goes():
    deep = b'{"prompt": ' + b"[" * 900 + b"1" + b"]" * 900 + b"}\n"
    assert prompt_hashes(deep * 2) == prompt_hashes(deep) * 2


@given(
    hashes=st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), min_size=1, max_size=60),
    rule=st.one_of(st.integers(1, 70).map(number), st.floats(0.01, 0.99).map(part_of)),
)
def test_the_choice(hashes, rule):
    """By the obvious way: groups in the order of their hashes, until there are enough."""
    groups = Counter(hashes)
    left, expected = rule.wanted(len(hashes)), set()
    for group in sorted(groups):
        if left > 0 and (rule.rows is not None or groups[group] <= left):
            expected.add(group)
            left -= groups[group]
    assert choose(hashes, rule) == [i for i, h in enumerate(hashes) if h in expected]


def csv_of(rows):
    sink = io.BytesIO()
    pyarrow.csv.write_csv(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def arrow_of(rows):
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)
    return sink.getvalue()


TEXT = st.sampled_from(["a", "b", "Ein Satz.\n", "\u2028\U0001f600", '"\\/', "user: x", "\x7f"])
ROWS = st.lists(st.fixed_dictionaries({"prompt": TEXT, "completion": TEXT}), min_size=2)
RULES = st.one_of(st.integers(1, 5).map(number), st.floats(0.1, 0.9).map(part_of))


def ends(jobs, rule):
    """How each way of staging the same rows ends."""
    found = []
    for job in jobs:
        try:
            training, validation, _ = divided_job(job, rule)
        except MlccError as error:
            found.append(error.what)
        else:
            found.append((training, validation))
    return found


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(rows=ROWS, rule=RULES, data=st.data())
def test_the_same_choice_in_every_format(rows, rule, data, tmp_path_factory):
    ways = [
        {"d.jsonl": jsonl(*rows)},
        {"d.json": json.dumps(rows, indent=1).encode()},
        {"d.parquet": parquet(rows, row_group_size=2)},
        {"d.arrow": arrow_of(rows)},
        {"d.csv": csv_of(rows)},
        {"1.jsonl": jsonl(*rows[:1]), "2.parquet": parquet(rows[1:])},
    ]
    jobs = [make_job(files) for files in ways]
    jobs.append(on_disk(ways[2], tmp_path_factory.mktemp("files")))
    first, *others = ends(jobs, rule)
    assert others == [first] * len(others)
    if isinstance(first, str):
        return
    training, validation = first
    assert training
    assert validation
    held_out = {row["prompt"] for row in validation}
    assert training == [row for row in rows if row["prompt"] not in held_out]
    assert validation == [row for row in rows if row["prompt"] in held_out]
    mixed = data.draw(st.permutations(rows))
    ((_, again),) = ends([make_job(jsonl(*mixed))], rule)
    assert {row["prompt"] for row in again} == held_out


MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "system"]), "content": TEXT, "name": st.none() | st.just("n")}
)
PROMPT_ROWS = st.lists(
    st.fixed_dictionaries(
        {"prompt": st.lists(MESSAGE, min_size=1, max_size=2), "reward_model": st.just("judge")}
    ),
    min_size=2,
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(rows=PROMPT_ROWS, rule=RULES)
def test_the_same_choice_among_prompts_of_messages(rows, rule):
    """Columns have a null where lines may have no key; the choice is the same."""
    bare = [
        {**row, "prompt": [{k: v for k, v in m.items() if v is not None} for m in row["prompt"]]}
        for row in rows
    ]
    ways = [jsonl(*rows), jsonl(*bare), {"d.parquet": parquet(rows)}]
    lines, without_nulls, columns = ends([make_job(way, PROMPTS) for way in ways], rule)
    assert isinstance(lines, str) == isinstance(columns, str) == isinstance(without_nulls, str)
    if isinstance(lines, str):
        assert lines == columns == without_nulls
        return

    assert len(lines[1]) == len(columns[1]) == len(without_nulls[1])
    assert [_texts(r) for r in lines[1]] == [_texts(r) for r in columns[1]]
    assert [_texts(r) for r in lines[1]] == [_texts(r) for r in without_nulls[1]]


def _texts(row):
    return [(message["role"], message["content"]) for message in row["prompt"]]


def test_more_rows_than_a_piece_holds():
    rows = [{"prompt": f"q{i}", "completion": "x" * 4000} for i in range(1500)]
    training, validation, _ = divided({"d.parquet": parquet(rows)}, part_of(0.3))
    held_out = {row["prompt"] for row in validation}
    assert len(held_out) == 450
    assert training == [row for row in rows if row["prompt"] not in held_out]
    assert validation == [row for row in rows if row["prompt"] in held_out]


def test_rows_that_are_left_out_are_not_held_out():
    one, other = ({"role": role, "content": "x"} for role in ("assistant", "user"))
    rows = [{"prompt": f"q{i}", "completion": [one]} for i in range(50)]
    rows.append({"prompt": "p", "completion": [other, one]})
    _, validation, report = divided(jsonl(*rows), AUTO, on_misfit="skip")
    ledger = report.ledger
    assert (ledger.read, ledger.trained, ledger.held_out, ledger.skipped) == (51, 45, 5, 1)
    assert len(validation) == 5


def test_a_check_counts_them():
    job = make_job(jsonl(*pairs(200)))
    report = check(job, hold_out=part_of(0.1))
    assert report.ledger.held_out == 20
    assert report.valid == 200
    assert check(job).ledger.held_out == 0


def test_where_nothing_is_written_they_are_counted():
    job = make_job(jsonl(*pairs(200)))
    sink = io.BytesIO()
    report = stage(job, sink, held_out=HeldOutPart(part_of(0.1)))
    assert (report.ledger.held_out, report.rows, sink.getvalue()) == (20, 180, b"")


def test_no_place_for_the_rows_that_wait(tmp_path):
    part = HeldOutPart(number(1), io.BytesIO(), scratch=tmp_path / "gone")
    with pytest.raises(PlatformError, match="Cannot divide the dataset"):
        stage(make_job(jsonl(*pairs(5))), io.BytesIO(), held_out=part)
