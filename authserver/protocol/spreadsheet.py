"""Rows of CSV as spreadsheets read and write them.

RFC 4180. https://www.rfc-editor.org/rfc/rfc4180
A spreadsheet takes a cell that begins with `=` and the like for a formula and runs it, so that such a cell goes out,
and comes in, with an apostrophe before it. https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
from collections.abc import Iterable
from io import StringIO

# What makes a formula, and the apostrophe that tells it from one.
_MARKED = tuple("=+-@\t\r＝＋－＠'")


def line(cells: Iterable[object]) -> str:
    """One row, with its end; None is an empty cell."""
    out = StringIO()
    csv.writer(out).writerow([_written(cell) for cell in cells])
    return out.getvalue()


def plain(cell: str) -> str:
    """What a cell says, however a spreadsheet wrote it."""
    text = cell.replace("\r\n", "\n").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_MARKED) else text


def _written(cell: object) -> str:
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).lower()
    text = "\n".join(cell) if isinstance(cell, list) else str(cell)
    return f"'{text}" if text.startswith(_MARKED) else text
