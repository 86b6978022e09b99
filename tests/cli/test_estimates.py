"""The cost of a command in words."""

import datetime as dt

from cc_async.cli._estimates import Estimate
from cc_async.limits import BudgetStatistics, Plans, plan_import, plan_sign_up


def test_an_estimate_knows_the_day() -> None:
    """Requests beyond today's rest are spread over the days after."""
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    midnight = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    budget = BudgetStatistics(9_500, 500, 4, 10_000, midnight, False, 0, (), 0.0, 0.1)

    def text(people: int) -> str:
        by_sign_up = plan_sign_up(people, budget, now)
        by_import = plan_import(people, None, budget, now)
        return str(Estimate("sign_up", Plans(by_sign_up, by_import), budget))

    assert "It fits: 500 requests are left today." in text(40)
    assert "about 40 requests: about 11 seconds at 4 a second." in text(40)
    assert "Only 500 requests are left today" in text(25_000)
    assert "spread over 4 days and be done by 2026-11-25 00:" in text(25_000)
    assert "An import of the same people, which changes no permission" in text(25_000)
