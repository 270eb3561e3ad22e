"""All SQL of the server, and nothing else: tables, and functions named after moves.

A function takes an open transaction (`Connection`) and returns frozen dataclasses. Each one-way move (redeem, rotate,
revoke, spend) is one `UPDATE … WHERE … RETURNING`, so that of many at once exactly one wins.

Sections: `engine`, how statements reach the database; `allowed`, what people let clients do; `upstream`, what providers
send; `upkeep`, what keeps the database in order.
"""

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

# All that the rest of the package says of SQLAlchemy: the type of an open transaction, and what goes wrong.
__all__ = ["Connection", "OperationalError", "SQLAlchemyError"]
