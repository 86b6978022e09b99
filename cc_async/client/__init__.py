"""`ConstantContact`, where everything below meets."""

from cc_async.client._bulk import Bulk, ImportArguments
from cc_async.client._client import ConstantContact
from cc_async.client._options import Limits, Network, Stores
from cc_async.client._plans import Plans, plans_after_reading, plans_for_sign_up

__all__ = [
    "Bulk",
    "ConstantContact",
    "ImportArguments",
    "Limits",
    "Network",
    "Plans",
    "Stores",
    "plans_after_reading",
    "plans_for_sign_up",
]
