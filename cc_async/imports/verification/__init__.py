"""Verification: the lists are read back and compared with the contacts that were sent."""

from ._list_members import requests_to_read_back
from ._named_contacts import NamedContact
from ._reconcile import is_in_question, reconcile, to_verify

__all__ = ["NamedContact", "is_in_question", "reconcile", "requests_to_read_back", "to_verify"]
