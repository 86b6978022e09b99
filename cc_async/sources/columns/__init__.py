"""Columns: the properties of a contact, the headings that name them, and the checks of values."""

from cc_async.sources.columns._checker import Checker
from cc_async.sources.columns._headings import COLUMNS, NOTES
from cc_async.sources.columns._sign_up_values import sign_up_values

__all__ = ["COLUMNS", "NOTES", "Checker", "sign_up_values"]
