"""Statements that remove rows some at a time, so that no lock is held for long."""

from typing import Any

from sqlalchemy import Column, ColumnElement, bindparam, delete, select

from authserver.store.engine.statement import Statement


def delete_some(key: Column[Any], due: ColumnElement[bool]) -> Statement:
    """Remove up to `batch` rows that are due; `key` is the primary key of their table."""
    return Statement(delete(key.table).where(key.in_(select(key).where(due).limit(bindparam("batch")))))


def delete_expired(key: Column[Any], expires_at: Column[Any]) -> Statement:
    """Remove up to `batch` rows whose time was over at `before`."""
    return delete_some(key, expires_at <= bindparam("before"))


def delete_oldest(key: Column[Any], browser: Column[Any], created_at: Column[Any], most: int) -> Statement:
    """Of the rows of the browser `owner` keep the newest, one fewer than `most`: there is room for one more."""
    older = select(key).where(browser == bindparam("owner")).order_by(created_at.desc()).offset(most - 1)
    return Statement(delete(key.table).where(key.in_(older)))
