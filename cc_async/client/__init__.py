"""`ConstantContact`, where everything below meets."""

from ._bulk import Bulk
from ._client import ConstantContact
from ._open_stores import files_of_stores
from ._options import Limits, Network, Stores
from ._plans import ImportDryRun

__all__ = [
    "Bulk", "ConstantContact", "ImportDryRun", "Limits", "Network", "Stores", "files_of_stores",
]  # fmt: skip
