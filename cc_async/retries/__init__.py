"""The rules for repeating a request: arithmetic without waiting."""

from cc_async.retries._policy import RetryPolicy

__all__ = ["RetryPolicy"]
