"""Contacts from CSV, JSON and programs: read, checked against the API's rules, with line numbers.

`open_source` takes whatever somebody calls contacts; `Source.read` yields each as a `Row` that is
ready to be sent or as a `Rejection` that says why not. `LastWins` finds addresses that come more
than once, `RejectsWriter` keeps what was set aside.
"""

from cc_async.sources._addresses import read_addresses
from cc_async.sources._batches import Batch, Source
from cc_async.sources._cells import holds_address
from cc_async.sources._columns import COLUMNS
from cc_async.sources._count import count_rows
from cc_async.sources._last_wins import LastWins, Superseded
from cc_async.sources._open import Contacts, open_source
from cc_async.sources._options import ReadingOptions
from cc_async.sources._pace import give_way
from cc_async.sources._rejects import RejectsWriter
from cc_async.sources._rejects_file import keeping_rejects
from cc_async.sources._sign_ups import sign_up_values
from cc_async.sources._values import Rejection, Row, Rules

__all__ = [
    "COLUMNS",
    "Batch",
    "Contacts",
    "LastWins",
    "ReadingOptions",
    "Rejection",
    "RejectsWriter",
    "Row",
    "Rules",
    "Source",
    "Superseded",
    "count_rows",
    "give_way",
    "holds_address",
    "keeping_rejects",
    "open_source",
    "read_addresses",
    "sign_up_values",
]
