"""Cutting: rows wait on disk until all are read; then bodies are planned, and cut into chunks."""

from ._spool import Spool

__all__ = ["Spool"]
