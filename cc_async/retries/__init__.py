"""The rules for repeating a request: arithmetic without waiting."""

from ._policy import RetryPolicy, waited_out

__all__ = ["RetryPolicy", "waited_out"]
