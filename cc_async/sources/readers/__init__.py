"""Readers: one for each format of a file, and one for the values of a program."""

from ._bytes import STANDARD_INPUT, read_blocks, refuse_unreadable
from ._file_format import Items, Records
from ._files import FileSource
from ._formats import FORMATS, find_format
from ._iterables import IterableSource
from ._text import DEFAULT_ENCODING
from ._values import DoubledNames

__all__ = [
    "DEFAULT_ENCODING", "FORMATS", "STANDARD_INPUT", "DoubledNames", "FileSource", "Items",
    "IterableSource", "Records", "find_format", "read_blocks", "refuse_unreadable",
]  # fmt: skip
