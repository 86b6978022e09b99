"""Readers: one for each format of a file, and one for the values of a program."""

from cc_async.sources.readers._files import FileSource
from cc_async.sources.readers._iterables import IterableSource

__all__ = ["FileSource", "IterableSource"]
