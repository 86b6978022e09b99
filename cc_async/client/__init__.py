"""`ConstantContact`, where everything below meets."""

from cc_async.client._bulk import Bulk
from cc_async.client._client import ConstantContact

__all__ = ["Bulk", "ConstantContact"]
