"""What is asked of the account before contacts are sent: names and opt-outs."""

from cc_async.lookups._names import Directory, ListMaker, read_directory
from cc_async.lookups._suppression import (
    PROTECTED_KINDS,
    LeftOutKind,
    OptOut,
    Preferences,
    ProtectedKind,
    Protection,
    check_left_out,
    check_protected,
    open_protection,
    read_preferences,
)

__all__ = [
    "PROTECTED_KINDS",
    "Directory",
    "LeftOutKind",
    "ListMaker",
    "OptOut",
    "Preferences",
    "ProtectedKind",
    "Protection",
    "check_left_out",
    "check_protected",
    "open_protection",
    "read_directory",
    "read_preferences",
]
