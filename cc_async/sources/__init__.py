"""Contacts from files and programs, read and checked against the API's rules.

`open_source` makes a `Source` of any file or iterable of contacts. `Source.read` yields each
contact as a `Row`, ready to be sent, or as a `Rejection` with line and reason. The `Deduplicator`
finds several rows for one contact, and `RejectsWriter` keeps rejected rows in a file.
"""

from ._addresses import read_addresses
from ._deduplicator import Deduplicator, MergedRows
from ._open_source import ContactData, open_source
from ._options import LONGEST_EMAIL, LONGEST_PHONE, ReadingOptions
from ._output_files import OutputFile, check_outputs, input_files
from ._rejects import RejectsWriter, keeping_rejects
from ._source import Batch, Rejection, Row, Rules, Source
from ._yield_to_loop import yield_to_loop
from .columns import COLUMNS, sign_up_values

__all__ = [
    "COLUMNS", "LONGEST_EMAIL", "LONGEST_PHONE", "Batch", "ContactData", "Deduplicator",
    "MergedRows", "OutputFile", "ReadingOptions", "Rejection", "RejectsWriter", "Row", "Rules",
    "Source", "check_outputs", "input_files", "keeping_rejects", "open_source",
    "read_addresses", "sign_up_values", "yield_to_loop",
]  # fmt: skip
