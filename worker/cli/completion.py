"""unbury completion."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from worker.cli.main import examples, unbury
from worker.cli.saying import answer, as_json

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    help=examples("unbury completion bash", "unbury completion fish > ~/.config/fish/completions/unbury.fish")
    + "\nPrint the script by which a shell completes commands, options, names and days. For bash put\n"
    'eval "$(unbury completion bash)" into ~/.bashrc, for zsh the like into ~/.zshrc after compinit.'
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@as_json
def completion(shell: str, json_: bool) -> int:
    """Print the script for a shell."""
    script = _SHELLS[shell](unbury, {}, "unbury", "_UNBURY_COMPLETE").source()
    if json_:
        answer({"shell": shell, "script": script})
    else:
        click.echo(script)
    return 0
