"""Verification: the lists are read back and compared with the contacts that were sent."""

from ._list_members import requests_to_read_back
from ._not_arrived import NotArrived
from ._reconcile import is_in_question, reconcile, to_verify

__all__ = ["NotArrived", "is_in_question", "reconcile", "requests_to_read_back", "to_verify"]
