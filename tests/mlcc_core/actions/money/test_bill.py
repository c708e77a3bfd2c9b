"""Bills add up, say what they know, and keep to a limit."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlcc_core import Charge
from mlcc_core.actions.money.bill import Bill, check_limit, in_words, saved_bill
from mlcc_core.errors import MlccError

AMOUNTS = st.floats(0, 1e6, allow_nan=False)
MAYBE = st.none() | AMOUNTS
WORDS = st.text("abc ", min_size=1, max_size=9)


@st.composite
def charges(draw: st.DrawFn) -> Charge:
    quantity = draw(MAYBE)
    wide = quantity is not None and draw(st.booleans())
    by_the_hour = draw(st.booleans())
    return Charge(
        draw(WORDS),
        "hour" if by_the_hour else draw(st.sampled_from(["million tokens", "question", "hour"])),
        quantity,
        (quantity or 0) * 0.9 if wide else None,
        (quantity or 0) * 1.2 if wide else None,
        draw(MAYBE),
        draw(WORDS),
        by_the_hour,
        draw(st.just("") | WORDS),
        draw(st.booleans()),
    )


BILLS = st.builds(Bill, st.lists(charges(), max_size=4).map(tuple), MAYBE)


@given(BILLS)
def test_a_total_is_the_sum_of_all_or_not_known(bill: Bill):
    body = bill.document()
    costs = [each["cost"] for each in body["charges"]]
    if None in costs:
        assert bill.total is None
    else:
        assert bill.total == pytest.approx(sum(cost for cost in costs if cost is not None))
        assert bill.most is not None
        assert bill.most >= bill.total * (1 - 1e-9)
    assert json.loads(json.dumps(body, allow_nan=False)) == body


@given(BILLS)
def test_what_a_record_holds_is_the_same_bill(bill: Bill):
    again = saved_bill(bill.document())
    assert again.document() == bill.document()
    assert list(again.lines()) == list(bill.lines())


@given(BILLS, st.floats(1e-3, 1e7))
def test_a_limit_lets_through_what_cannot_exceed_it(bill: Bill, limit: float):
    most = bill.most
    assume(most is None or abs(most - limit) > 1e-6)
    if not bill.charges or (most is not None and most < limit):
        bill.hold_to(limit, "mlcc tune")
        return
    with pytest.raises(MlccError) as caught:
        bill.hold_to(limit, "mlcc tune")
    assert caught.value.where == "--max-cost"
    assert caught.value.hint == "mlcc tune   # without --max-cost"
    assert ("not known" in caught.value.what) == (most is None)


@given(BILLS, st.floats(1e-3, 1e7))
def test_a_draft_is_refused_only_where_the_whole_would_be(bill: Bill, limit: float):
    try:
        bill.hold_to(limit, "mlcc tune", draft=True)
    except MlccError:
        with pytest.raises(MlccError):
            bill.hold_to(limit, "mlcc tune")


@given(BILLS)
def test_each_charge_has_a_line_without_an_exponent(bill: Bill):
    lines = [line for line in bill.lines() if line.startswith("💰")]
    assert len(lines) == len(bill.charges) + (len(bill.charges) > 1 and bill.total is not None)
    for charge, line in zip(bill.charges, lines, strict=False):
        figures = line.removeprefix(f"💰 {charge.what}: ").replace(charge.source, "")
        assert "e-" not in figures
        assert "e+" not in figures


@pytest.mark.parametrize(
    ("charge", "words"),
    [
        (
            Charge("tokens", "million tokens", 1.5, price=2.0, source="yours"),
            "tokens: 1.5 million tokens × $2.00 (yours) = $3.00",
        ),
        (
            Charge("tokens", "million tokens", 12_345.6, 11_000, 14_000, 2.0, "yours"),
            (
                "tokens: 12,346 (11,000 to 14,000) million tokens × $2.00 (yours) = $24,691.20, at "
                "most $28,000.00"
            ),
        ),
        (
            Charge("tokens", "million tokens", 0.000042, price=2.0, source="yours"),
            "tokens: 0.000042 million tokens × $2.00 (yours) = $0.000084",
        ),
        (
            Charge("endpoint", "hour", 4.0, price=5.6725, source="AWS price list"),
            "endpoint: 4 hours × $5.6725 (AWS price list) = $22.69",
        ),
        (
            Charge("endpoint", "hour", price=5.67, source="AWS price list", by_the_hour=True),
            "endpoint: $5.67 an hour (AWS price list) until it is taken down",
        ),
        (
            Charge("hours of the job", "hour", high=2.0, price=3.0, source="yours"),
            "hours of the job: $3.00 an hour (yours); how many is not known yet, at most $6.00",
        ),
        (
            Charge("judge", "question", 1.0, price=0.0, source="x"),
            "judge: 1 question × $0.00 (x) = $0.00",
        ),
        (
            Charge("tokens", "million tokens", 1.5),
            "tokens: 1.5 million tokens, no price is published",
        ),
        (
            Charge("endpoint", "hour", by_the_hour=True, maybe_published=True),
            "endpoint: the price is not known",
        ),
    ],
)
def test_words(charge: Charge, words: str):
    assert in_words(charge) == words


def test_hours_end_what_costs_by_the_hour():
    charge = Charge("endpoint", "hour", price=2.0, source="x", by_the_hour=True)
    assert Bill((charge,)).total is None
    assert Bill((charge,), hours=4.0).total == 8.0
    assert list(Bill((charge,), 4.0).lines()) == ["💰 endpoint: 4 hours × $2.00 (x) = $8.00"]


def test_a_refusal_names_what_has_no_price_and_how_to_give_one():
    bill = Bill((Charge("tokens", "million tokens", 1.5, note="Name yours: --price."),))
    with pytest.raises(MlccError) as caught:
        bill.hold_to(3.0, "./do/tune")
    assert caught.value.what == (
        "--max-cost 3 cannot be kept: the cost is not known (tokens: 1.5 million tokens, no price "
        "is published)."
    )
    assert caught.value.detail == ("Name yours: --price.",)


def test_a_note_of_several_charges_is_said_once():
    bill = Bill(tuple(Charge(f"job {n}", "job", 1, note="Nobody says.") for n in range(2)))
    said = "job 0: 1 job, no price is published", "job 1: 1 job, no price is published"
    assert list(bill.lines()) == [*(f"💰 {line}" for line in said), "   Nobody says."]
    with pytest.raises(MlccError) as caught:
        bill.hold_to(3.0, "./do/tune")
    assert caught.value.detail == ("Nobody says.",)


@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan, math.inf])
def test_a_limit_is_an_amount(limit: float):
    with pytest.raises(MlccError, match="expected US dollars above 0"):
        check_limit(limit, "./do/tune")
