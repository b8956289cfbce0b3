"""unbury serve."""

from __future__ import annotations

import contextlib

import click

from worker.cli.grammar import Command
from worker.cli.saying import answer, as_json, note
from worker.cli.wiring import runtime
from worker.errors import ConfigError


@click.command(cls=Command, examples=("unbury serve", "unbury serve --host 0.0.0.0 --port 8080"))
@click.option("--host", help="Where to listen (serve.host, 127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="On which port (serve.port, 8080; 0 for any free one).",
)
@as_json
@click.pass_context
def serve(context: click.Context, host: str | None, port: int | None, json_: bool) -> int:
    """Answer over HTTP until it is ended.

    Unsubscribing with one click, the editions, /healthz, /readyz, /metrics and /sources. docs/serve.md says what to
    let the world see of it.
    """
    try:
        from worker.serve import server
    except ImportError as error:
        library = (error.name or "").partition(".")[0]
        raise ConfigError(
            f"`unbury serve` needs {library}, which is not installed", "pip install 'unbury[serve]'"
        ) from None
    parts = runtime(context)
    told = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = parts.settings.serve.model_copy(update=told)
    parts.settings = parts.settings.model_copy(update={"serve": settings})
    at = server.listening(settings.host, settings.port)
    found, number = at.getsockname()[:2]
    address = f"http://{f'[{found}]' if ':' in found else found}:{number}"
    with contextlib.suppress(KeyboardInterrupt):  # its usual end
        if json_:
            answer({"address": address})
        else:
            note(f"serving on {address}")
        server.serve(parts, at)
    return 0
