"""Rows of CSV as spreadsheets read and write them.

RFC 4180. https://www.rfc-editor.org/rfc/rfc4180
A spreadsheet takes a cell that begins with `=` and the like for a formula and runs it, so that such a cell goes out,
and comes in, with an apostrophe before it. Where lists are separated by semicolons, as in German, a cell also begins at
a semicolon within a text, and quotes that begin elsewhere hold no line together.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import re
from collections.abc import Iterable
from io import StringIO

# Where a cell begins for some spreadsheet; then what makes a formula, and the apostrophe that tells it from one.
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_FORMULA = r"(?=\"*[=+\-@\t\r＝＋－＠'])"
_UNMARKED = re.compile(_BEGINS + _FORMULA)
_MARKED = re.compile(f"{_BEGINS}'{_FORMULA}")


def line(cells: Iterable[object]) -> str:
    """One row, with its end; None is an empty cell."""
    out = StringIO()
    csv.writer(out).writerow([_written(cell) for cell in cells])
    return out.getvalue()


def plain(cell: str) -> str:
    """What a cell says, however a spreadsheet wrote it."""
    return _MARKED.sub("", cell.replace("\r\n", "\n").strip())


def _written(cell: object) -> str:
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).lower()
    return _UNMARKED.sub("'", "\n".join(cell) if isinstance(cell, list) else str(cell))
