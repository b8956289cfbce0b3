"""unbury init."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from worker.cli.grammar import Command
from worker.cli.saying import answer, as_json
from worker.cli.schema import rendered
from worker.errors import UsageError

#: What is written: the file's place, and the one it is a copy of.
_WRITTEN = {
    "config/unbury.toml": "unbury.toml",
    "config/feeds.opml": "feeds.opml",
    "seeds/README.md": "seeds.md",
}
_NEXT = ("unbury feeds add ADDRESS", "unbury run")


@click.command(cls=Command, examples=("unbury init", "unbury init news/"))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]")
@as_json
def init(folder: Path, json_: bool) -> int:
    """Write what one begins with into DIR (here).

    A commented configuration, an empty list of feeds, a folder for texts of your own. What is there already is left
    as it is.
    """
    contents = _contents()
    kept = [name for name in contents if (folder / name).exists()]
    new = [name for name in contents if name not in kept]
    for name in new:
        _write(folder / name, contents[name])
    steps = [*([f"cd {folder}"] if folder.resolve() != Path.cwd() else []), *_NEXT]
    if json_:
        answer({"folder": str(folder), "written": new, "kept": kept, "next": steps})
        return 0
    for name in contents:
        click.echo(f"{'written' if name in new else 'kept':9}{folder / name}")
    click.echo("next:    " + "\n         ".join(steps))
    return 0


def _contents() -> dict[str, bytes]:
    """What is written, by its place."""
    start = files("worker.cli").joinpath("start")
    made = {place: start.joinpath(name).read_bytes() for place, name in _WRITTEN.items()}
    return made | {"config/unbury.schema.json": rendered().encode()}


def _write(file: Path, content: bytes) -> None:
    """Write a file that is not there; one that somebody else made meanwhile is left. Raises UsageError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as made:
            made.write(content)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", "name a folder of your own") from None
