"""The command for a shell, forked from a process that has imported it already: most of its time is importing.

Started as a script it listens at the socket that is named: whoever comes hands over stdin, stdout and stderr, and says
arguments, folder and environment; a child of its own does what is asked for, and its exit code is the answer.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LONGEST = 1 << 20
_SHIM = """#!{python} -IS
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
said = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(line, [len(said).to_bytes(4, "big")], [0, 1, 2])
line.sendall(said)
sys.exit(int(line.recv(16)))
"""


@contextmanager
def forking(shim: Path) -> Iterator[None]:
    """A process that answers for the command, which stands at the path `shim` meanwhile."""
    address = str(shim.with_name("line"))
    shim.write_text(_SHIM.format(python=sys.executable, address=address), encoding="utf-8")
    shim.chmod(0o755)
    # Threads of numpy's do not survive a fork.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(map(str, sys.path))}
    with subprocess.Popen([sys.executable, __file__, address], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
        process.kill()


def _serve(address: str) -> None:
    _import()
    gc.freeze()  # or each child's first collection copies all that it shares
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
        while True:
            line, _ = listening.accept()
            with suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
            if os.fork() == 0:
                _answer(line)
            line.close()


def _answer(line: socket.socket) -> None:
    """Do in a grandchild what is asked for, and say how it ended."""
    length, files, _, _ = socket.recv_fds(line, 4, 3)
    said = b""
    while len(said) < int.from_bytes(length, "big"):
        said += line.recv(_LONGEST)
    child = os.fork()
    if child == 0:
        line.close()
        _become(files, *json.loads(said))
    _, status = os.waitpid(child, 0)
    line.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(files: list[int], arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Be the command that is called there."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [os.path.realpath(path) for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    from worker.cli.main import main

    code = 70
    try:
        main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001  # a child that goes on would answer as the parent does
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import() -> None:
    """What takes long to import."""
    import importlib

    from worker.cli.main import COMMANDS
    from worker.plugins import DELIVERERS, EXPORTERS, RANKERS, SOURCES

    places = [place for place, _ in COMMANDS.values()]
    for registry in (DELIVERERS, EXPORTERS, RANKERS, SOURCES):
        places += registry.builtin.values()
    names = {place.partition(":")[0] for place in places} - {"worker.cli.serve"}
    for name in (*names, "alembic.command", "worker.web.client"):
        with suppress(ImportError):  # it is said when the command is called
            importlib.import_module(name)


if __name__ == "__main__":
    _serve(sys.argv[1])
