"""The limits on requests: one budget for all tasks, processes and machines of an application.

`Budget` hands out permits so that 4 requests a second and 10,000 a UTC day are kept.
https://developer.constantcontact.com/api_guide/rate_limits.html

The arithmetic is pure (`_budget_record`) and runs on every store; waiting is in `_local_queue`.
"""

from __future__ import annotations

from ._budget import Budget
from ._cost_plan import Plan, Plans, plan_import, plan_sign_up
from ._permits import Lane, Permit, PermitResult
from ._shared_budgets import UnnamedBudget, shared_budget
from ._statistics import BudgetStatistics, Waiting

__all__ = [
    "Budget", "BudgetStatistics", "Lane", "Permit", "PermitResult", "Plan", "Plans", "UnnamedBudget",
    "Waiting", "plan_import", "plan_sign_up", "shared_budget",
]  # fmt: skip
