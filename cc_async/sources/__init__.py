"""Contacts from CSV, JSON and programs: read, checked against the API's rules, with line numbers.

`open_source` takes whatever somebody calls contacts; `Source.read` yields each as a `Row` that is
ready to be sent or as a `Rejection` that says why not. `Deduplicator` finds addresses that come more
than once, `RejectsWriter` keeps what was set aside.
"""

from cc_async.sources._addresses import read_addresses
from cc_async.sources._deduplicator import Deduplicator, MergedRows
from cc_async.sources._open_source import Contacts, open_source
from cc_async.sources._options import ReadingOptions
from cc_async.sources._rejects import RejectsWriter, keeping_rejects
from cc_async.sources._source import Batch, Rejection, Row, Rules, Source
from cc_async.sources._yield_to_loop import yield_to_loop
from cc_async.sources.columns import COLUMNS, holds_address, sign_up_values

__all__ = [
    "COLUMNS",
    "Batch",
    "Contacts",
    "Deduplicator",
    "MergedRows",
    "ReadingOptions",
    "Rejection",
    "RejectsWriter",
    "Row",
    "Rules",
    "Source",
    "holds_address",
    "keeping_rejects",
    "open_source",
    "read_addresses",
    "sign_up_values",
    "yield_to_loop",
]
