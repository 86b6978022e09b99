"""Whether to ask again, and when: arithmetic that waits for nothing."""

from cc_async.retries._policy import RetryPolicy

__all__ = ["RetryPolicy"]
