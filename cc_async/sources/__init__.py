"""Contacts from files and programs, read and checked against the API's rules.

`open_source` makes a `Source` of any file or iterable of contacts. `Source.read` yields each
contact as a `Row`, ready to be sent, or as a `Rejection` with line and reason. The `Deduplicator`
finds several rows for one contact, and `RejectsWriter` keeps rejected rows in a file.
"""

from cc_async.sources._addresses import read_addresses
from cc_async.sources._deduplicator import Deduplicator, MergedRows
from cc_async.sources._open_source import Contacts, open_source
from cc_async.sources._options import ReadingOptions
from cc_async.sources._output_files import OutputFile, check_outputs, input_files
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
    "OutputFile",
    "ReadingOptions",
    "Rejection",
    "RejectsWriter",
    "Row",
    "Rules",
    "Source",
    "check_outputs",
    "holds_address",
    "input_files",
    "keeping_rejects",
    "open_source",
    "read_addresses",
    "sign_up_values",
    "yield_to_loop",
]
