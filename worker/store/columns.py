"""The kinds of columns that we need and the databases do not have: times with zones, and packed values."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A time with its zone, kept in UTC; SQLite, which has no zones, gives it back with one as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time in UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time with its zone."""
        return value.replace(tzinfo=value.tzinfo or UTC) if value else None


class Packed(TypeDecorator[Any]):
    """A value as JSON, compressed: a year's texts and readings as they are took three times the texts' room."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        """The value packed."""
        return zlib.compress(json.dumps(value, separators=(",", ":")).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """The value out of what was packed."""
        return json.loads(zlib.decompress(value)) if value else None
