"""unbury completion."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from worker.cli.grammar import Command
from worker.cli.main import unbury
from worker.cli.saying import as_json, say

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    cls=Command, examples=("unbury completion bash", "unbury completion fish > ~/.config/fish/completions/unbury.fish")
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@as_json
def completion(shell: str, json_: bool) -> int:
    """Print the script by which a shell completes commands, options, names and days.

    For bash put eval "$(unbury completion bash)" into ~/.bashrc, for zsh the like into ~/.zshrc after compinit.
    """
    script = _SHELLS[shell](unbury, {}, "unbury", "_UNBURY_COMPLETE").source()
    return say({"shell": shell, "script": script}, script, json_=json_)
