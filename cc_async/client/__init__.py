"""`ConstantContact`, where everything below meets."""

from cc_async.client._bulk import Bulk
from cc_async.client._client import ConstantContact
from cc_async.client._open_stores import files_of_stores
from cc_async.client._options import Limits, Network, Stores
from cc_async.client._plans import ImportDryRun

__all__ = [
    "Bulk", "ConstantContact", "ImportDryRun", "Limits", "Network", "Stores", "files_of_stores",
]  # fmt: skip
