"""Readers: one for each format of a file, and one for the values of a program."""

from cc_async.sources.readers._bytes import STANDARD_INPUT, read_blocks, refuse_unreadable
from cc_async.sources.readers._file_format import Items, Records
from cc_async.sources.readers._files import FileSource
from cc_async.sources.readers._formats import FORMATS, find_format
from cc_async.sources.readers._iterables import IterableSource
from cc_async.sources.readers._text import DEFAULT_ENCODING

__all__ = [
    "DEFAULT_ENCODING",
    "FORMATS",
    "STANDARD_INPUT",
    "FileSource",
    "Items",
    "IterableSource",
    "Records",
    "find_format",
    "read_blocks",
    "refuse_unreadable",
]
