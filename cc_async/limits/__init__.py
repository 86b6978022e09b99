"""How fast requests may leave: one budget for every task, process and machine of an application.

`Budget` hands out turns so that 4 requests a second and 10,000 a UTC day are kept, not bumped
into. The arithmetic is pure (`_budget`), runs on every store, and waits nowhere; the waiting is
in `_gate`.
"""

from __future__ import annotations

from ._client import Budget
from ._plan import Plan, plan_import, plan_sign_up
from ._rules import Lane, Turn, Verdict
from ._statistics import BudgetStatistics, Waiting

__all__ = [
    "Budget",
    "BudgetStatistics",
    "Lane",
    "Plan",
    "Turn",
    "Verdict",
    "Waiting",
    "plan_import",
    "plan_sign_up",
]
