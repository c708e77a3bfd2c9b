"""A chain under faults: in the end one job, its start proved, and never a traceback."""

from __future__ import annotations

import pytest

from tests.plugins.mlcc_sagemaker.request.chain.test_chain import tune
from tests.plugins.mlcc_sagemaker.test_faults import check

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

OFTEN = ("denied", "lost", "truncated")
SELDOM = ("throttled", "expired", "failed", "cut", "empty", "page", "refused", "slow")
KINDS = [*OFTEN, *(pytest.param(kind, marks=pytest.mark.full) for kind in SELDOM)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("operation", "after"),
    [("sagemaker:DescribeModelPackage", 0), ("sagemaker:DescribeModelPackage", 1)],
)
def test_a_fault_where_the_start_is_looked_up(ready, account, once, operation, after, kind):
    assert tune(ready, "sft").code == 0
    fault = account.inject(operation, kind, after=after, seconds=0.05)
    ran = tune(ready, "dpo", "--from-tune", "sft")
    check(ran, kind, operation)
    assert fault.struck == 1
    account.faults.clear()
    assert tune(ready, "dpo", "--from-tune", "sft").code == 0
    assert len(account.jobs.all()) == 2
