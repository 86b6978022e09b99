"""The cost of a command in words: requests, time, and the other way to do the same."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import attrs

from cc_async.cli._texts import count_of, duration_text
from cc_async.limits import BudgetStatistics, Plan, Plans


@attrs.frozen
class Estimate:
    """The *plans* of a dry run, the *way* that was asked for, and the state of the *budget*."""

    way: Literal["sign_up", "import"]
    plans: Plans
    budget: BudgetStatistics

    def to_json(self) -> dict[str, Any]:
        chosen, other = self._both()
        return {**_plan_json(chosen), "instead": {"way": other.way, **_plan_json(other)}}

    def __str__(self) -> str:
        chosen, other = self._both()
        instead = (
            "Signing the same people up instead, if they asked for it"
            if other.way == "sign_up"
            else "An import of the same people, which changes no permission"
        )
        cost = f"It would take {_cost(chosen)} at {self.budget.per_second} a second."
        spread = f", spread over {other.days} days" if other.days > 1 else ""
        return f"{cost} {self._day(chosen)} {instead}, would take {_cost(other)}{spread}."

    def _both(self) -> tuple[Plan, Plan]:
        by_sign_up, by_import = self.plans.by_sign_up, self.plans.by_import
        return (by_sign_up, by_import) if self.way == "sign_up" else (by_import, by_sign_up)

    def _day(self, plan: Plan) -> str:
        left = f"{count_of(self.budget.left, 'request')} are left today"
        if plan.fits_today:
            return f"It fits: {left}."
        if plan.requests <= self.budget.left:
            return "It would go on after midnight UTC."
        ready = f"{plan.ready_by.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
        spread = f"it would be spread over {plan.days} days and be done by {ready}"
        return f"Only {left} (until 00:00 UTC), so {spread}."


def _cost(plan: Plan) -> str:
    return f"about {count_of(plan.requests, 'request')}: {duration_text(plan.seconds)}"


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "requests": plan.requests,
        "seconds": round(plan.seconds),
        "days": plan.days,
        "fits_today": plan.fits_today,
        "ready_by": plan.ready_by.astimezone(dt.UTC).isoformat(timespec="seconds"),
    }
