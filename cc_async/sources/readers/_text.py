"""Blocks of bytes as pieces of text that end at line ends.

Spreadsheets, pictures, web pages and UTF-16 are recognized by their beginning or by NUL bytes. The
error names each of them, with a remedy.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterator

from cc_async.errors import InputError, InvalidRequestError
from cc_async.sources.readers._file_format import Block

DEFAULT_ENCODING = "utf-8-sig"
LONGEST_LINE = 200_000
"""Characters of one line; a contact has some hundred. A longer one ends the reading, so a broken file
never fills the memory."""

_SPREADSHEET = "Open it in a spreadsheet program and save the sheet as CSV (UTF-8)."
_NO_CONTACTS = "Give a CSV or JSON file with contacts."
_UTF_16 = "Save it as UTF-8, or name its encoding, utf-16."
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "this is a spreadsheet or another packed file, not a text file", _SPREADSHEET),
    (b"\xd0\xcf\x11\xe0", "this is an old spreadsheet, not a text file", _SPREADSHEET),
    (b"\x89PNG", "this is a picture", _NO_CONTACTS),
    (b"\xff\xd8\xff", "this is a picture", _NO_CONTACTS),
    (b"GIF8", "this is a picture", _NO_CONTACTS),
    (b"%PDF", "this is a PDF", _NO_CONTACTS),
    (b"\x1f\x8b", "this file is compressed", "Unpack it first."),
)
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml|!--|script)", re.IGNORECASE)
_UTF_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


EMPTY = ("the file is empty", "Give a file with a heading and contacts.")
"""Message and remedy for a file that holds nothing."""


class UndecodableError(Exception):
    """Bytes that are not text in the encoding; *before* is the text from *line* up to them."""

    def __init__(self, before: str, line: int, encoding: str) -> None:
        super().__init__(before, line, encoding)
        self.before, self.line, self.encoding = before, line, encoding

    def as_input_error(self, source: str, column: str = "") -> InputError:
        """Return the error with the place at the end of the text."""
        name = "UTF-8" if self.encoding == DEFAULT_ENCODING else self.encoding
        return InputError(
            f"there is a character that is not {name}",
            "Save the file as UTF-8, or name its encoding, such as cp1252 for files from older "
            "Windows programs.",
            source,
            self.line + count_lines(self.before),
            column,
            "encoding",
        )


def count_lines(text: str) -> int:
    """Return the number of line ends in *text*, of all three kinds."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def find_encoding(encoding: str | None) -> str:
    """Return *encoding* by its usual name; UTF-8, with or without its mark, for `None`."""
    if encoding is None:
        return DEFAULT_ENCODING
    try:
        "a".encode(encoding)  # codecs that are not for text are refused here
    except LookupError:
        raise InvalidRequestError(
            f"there is no encoding {encoding!r}",
            "Use utf-8, utf-16, cp1252 or latin-1.",
            "encoding",
        ) from None
    name = codecs.lookup(encoding).name
    return DEFAULT_ENCODING if name == "utf-8" else name


def refuse_foreign(start: Block, encoding: str, *, source: str) -> None:
    """Raise `InputError` if a file that begins with *start* is surely no text of contacts."""
    if isinstance(start, bytes):
        for mark, what, remedy in _FOREIGN:
            if start.startswith(mark):
                raise InputError(what, remedy, source)
        if start.startswith(_UTF_BOMS) and encoding == DEFAULT_ENCODING:
            raise InputError(
                "this file is UTF-16 or UTF-32, not UTF-8", _UTF_16, source, option="encoding"
            )
    text = start[:512].decode("latin-1") if isinstance(start, bytes) else start[:512]
    if _WEB_PAGE.match(text):
        raise InputError("this is a web page or XML, not contacts", _NO_CONTACTS, source)


async def read_text(
    blocks: AsyncIterator[Block], encoding: str, *, source: str
) -> AsyncGenerator[tuple[int, str], None]:
    """Yield pieces of text, each with the number of its first line.

    Every piece but the last ends with a line end, and none ends between CR and LF; only a line
    of more than 200,000 characters comes in pieces.

    Raises:
        InputError: The file is empty, is no text, or holds NUL.
        UndecodableError: The bytes are not text in this encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line, held, is_first, is_empty = 1, "", True, True
    async for block in blocks:
        if is_first:
            refuse_foreign(block, encoding, source=source)
        decoded, is_good = _decode(decoder, block, encoding)
        text = held + (decoded.removeprefix("\ufeff") if is_first else decoded)
        is_first = False
        _refuse_nul(text, line, source=source)
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        if not cut and len(text) > LONGEST_LINE:
            cut = len(text)
        elif line == 1 and len(text) < LONGEST_LINE and not text[:cut].strip():
            cut = 0  # the format shows in the first line that is not blank
        held = text[cut:]
        if cut:
            is_empty = False
            yield line, text[:cut]
            line += count_lines(text[:cut])
        if not is_good:
            raise UndecodableError(held, line, encoding)
    decoded, is_good = _decode(decoder, b"", encoding, final=True)
    held += decoded
    if not is_good:
        raise UndecodableError(held, line, encoding)
    if held:
        yield line, held
    elif is_empty:
        raise InputError(*EMPTY, source)


def refuse_long_line(last: str, line: int, *, source: str) -> None:
    """Raise `InputError` if a piece follows one that ended with *last*, in mid-line."""
    if last not in "\r\n":
        raise InputError(
            f"a line has more than {LONGEST_LINE:,} characters",
            "Give a file with one contact a line.",
            source,
            line,
        )


def _decode(
    decoder: codecs.IncrementalDecoder, block: Block, encoding: str, *, final: bool = False
) -> tuple[str, bool]:
    """Return the text of *block* up to the first fault, and whether there is no fault."""
    if isinstance(block, str):
        return block, True
    try:
        return decoder.decode(block, final), True
    except UnicodeDecodeError as error:
        return error.object[: error.start].decode(encoding, "ignore"), False


def _refuse_nul(text: str, line: int, *, source: str) -> None:
    place = text.find("\0")
    if place < 0:
        return
    if text.count("\0") * 3 > len(text):
        raise InputError(
            "this file is UTF-16 or UTF-32, not UTF-8", _UTF_16, source, line, option="encoding"
        )
    raise InputError(
        "there is a NUL byte, so this is no text or a damaged one",
        f"Export the contacts anew. {_UTF_16}",
        source,
        line + count_lines(text[:place]),
        option="encoding",
    )
