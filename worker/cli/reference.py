"""Every setting at its default, as a TOML file to copy from."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic.fields import FieldInfo

from worker.cli.schema import defaults, descriptions
from worker.settings import Section, Settings, inner

_WIDTH = 88
_HEAD = """\
# Every key, at its default (`unbury config reference` prints this). Nothing reads this
# file: copy what you want to change into unbury.toml.

"""
#: Under a name of the user's stands what there is without a file.
_NAMES = {"sources": "seeds", "digests": "daily"}


def reference(only: str = "") -> str:
    """The reference, or only its part on one key or section of the top level."""
    book = _Book(descriptions())
    wanted = {key: field for key, field in Settings.model_fields.items() if only in ("", key)}
    plain = [book.key(key, Settings, defaults(Settings)[key]) for key, one in wanted.items() if not _section(one)]
    sections = ["\n".join(book.section(key, key, Settings)) for key, one in wanted.items() if _section(one)]
    return ("" if only else _HEAD) + "\n\n".join(plain + sections) + "\n"


@dataclass(frozen=True)
class _Book:
    """Writes keys and sections, with what is said of each."""

    said: Mapping[str, Mapping[str, str]]

    def section(self, key: str, path: str, holder: type[Section]) -> Iterator[str]:
        """A section with its keys, and then those in it. One that need not be there is all comment."""
        field = holder.model_fields[key]
        section = _section(field) or Section
        example = field.get_default() in ({}, ())
        yield self._about(holder, key)
        yield _marked(_header(key, path, field), example=example)
        inside = _header(key, path, field).strip("[]")
        deeper = []
        for one, about in section.model_fields.items():
            if _section(about):
                deeper.append(one)
            else:
                yield _marked(self.key(one, section, defaults(section).get(one, "")), example=example)
        for one in deeper:
            yield ""
            yield from self.section(one, f"{inside}.{one}", section)

    def key(self, key: str, holder: type[Section], value: Any) -> str:
        """A key at its value, below what is said of it."""
        return f"{self._about(holder, key)}\n{key} = {json.dumps(value, ensure_ascii=False)}"

    def _about(self, holder: type[Section], key: str) -> str:
        return "\n".join(f"# {line}" for line in textwrap.wrap(self.said[holder.__name__][key], _WIDTH - 2))


def _section(field: FieldInfo) -> type[Section] | None:
    return inner(field.annotation)


def _header(key: str, path: str, field: FieldInfo) -> str:
    kind = get_origin(field.annotation)
    if kind is dict:
        return f"[{path}.{_NAMES.get(key, 'NAME')}]"
    return f"[[{path}]]" if kind is tuple else f"[{path}]"


def _marked(text: str, *, example: bool) -> str:
    return textwrap.indent(text, "# ", lambda line: not line.startswith("#")) if example else text
