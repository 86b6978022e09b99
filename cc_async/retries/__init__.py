"""The rules for repeating a request: arithmetic without waiting."""

from ._policy import RetryPolicy

__all__ = ["RetryPolicy"]
