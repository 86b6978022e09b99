"""Lookups in the account before contacts are sent: names of lists and fields, opt-outs."""

from ._names import Directory, ListMaker, check_list_names, read_directory
from ._remembered_names import RememberedNames
from ._suppressed_addresses import Suppress, SuppressedAddresses, read_suppressed_addresses
from ._suppression import (
    IN_YOUR_LIST,
    SUPPRESSION_KINDS,
    OptOut,
    Preferences,
    SuppressionKind,
    SuppressionList,
    check_suppression_kinds,
    open_suppression,
    read_preferences,
)

__all__ = [
    "IN_YOUR_LIST", "SUPPRESSION_KINDS", "Directory", "ListMaker", "OptOut", "Preferences",
    "RememberedNames", "Suppress", "SuppressedAddresses", "SuppressionKind", "SuppressionList",
    "check_list_names", "check_suppression_kinds", "open_suppression", "read_directory",
    "read_preferences", "read_suppressed_addresses",
]  # fmt: skip
