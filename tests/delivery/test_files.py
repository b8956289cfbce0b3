"""Editions handed over as files: whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.builders import offline
from tests.processes import printed
from worker.atomic import _if_possible
from worker.delivery.files import Files
from worker.errors import DeliveryFailed
from worker.model import Part, Rendition, Subscriber
from worker.services.deliver import Unmarked
from worker.settings import Settings


def rendition(content: str = "Morning.\n", filename: str = "digest.txt") -> Rendition:
    """A rendition in one part."""
    return Rendition("edition-id", "Subject", filename, (Part("text/plain", content),))


def put(made: Rendition, folder: str) -> str:
    """Hand one rendition over; gives the receipt."""
    [receipt] = Files(Settings(), offline).deliver([made], Subscriber("files", folder, ("text",)), Unmarked())
    return receipt


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return [path.name for path in folder.iterdir()]


def test_a_rendition_becomes_a_file(tmp_path: Path) -> None:
    """The folder is made, the file has the content in UTF-8 and nothing is left beside it."""
    folder = tmp_path / "out" / "2026-11-23"
    receipt = put(rendition("Über 渡船\n"), str(folder))
    assert receipt == str(folder / "digest.txt")
    assert (folder / "digest.txt").read_bytes() == "Über 渡船\n".encode()
    assert names(folder) == ["digest.txt"]


def test_the_same_again_leaves_the_file_alone(tmp_path: Path) -> None:
    """Asked twice, it writes once: whoever watches the file sees no change."""
    put(rendition(), str(tmp_path))
    before = (tmp_path / "digest.txt").stat()
    assert put(rendition(), str(tmp_path)) == str(tmp_path / "digest.txt")
    after = (tmp_path / "digest.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("content", ["Evening.\n", "Mornings.\n", ""])
def test_another_content_replaces_the_file(tmp_path: Path, content: str) -> None:
    """Of the same length or not, what was there before is gone."""
    put(rendition(), str(tmp_path))
    put(rendition(content), str(tmp_path))
    assert (tmp_path / "digest.txt").read_text() == content


def test_a_file_is_made_for_everybody_the_umask_lets(tmp_path: Path) -> None:
    """A web server may read what the worker wrote."""
    before = os.umask(0o022)
    try:
        put(rendition(), str(tmp_path))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "digest.txt").stat().st_mode) == 0o644


def test_what_a_killed_process_left_is_overwritten(tmp_path: Path) -> None:
    """Half a file under the temporary name, longer than the whole, leaves no trace."""
    (tmp_path / ".digest.txt.part").write_text("half a file" * 1000)
    put(rendition(), str(tmp_path))
    assert (tmp_path / "digest.txt").read_text() == "Morning.\n"
    assert names(tmp_path) == ["digest.txt"]


def test_a_link_under_the_temporary_name_is_not_followed(tmp_path: Path) -> None:
    """Nobody else's file is overwritten through it."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / ".digest.txt.part").symlink_to(victim)
    put(rendition(), str(tmp_path))
    assert victim.read_text() == "mine"
    assert not (tmp_path / "digest.txt").is_symlink()


@pytest.mark.parametrize("filename", ["", "..", "../digest.txt", "/etc/digest", "a/b", "a\\b", "a\0b", "a..b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, filename: str) -> None:
    """A file lands in its folder or nowhere."""
    with pytest.raises(DeliveryFailed, match="cannot be the name of a file"):
        put(rendition(filename=filename), str(tmp_path / "out"))
    assert names(tmp_path) == []


@pytest.mark.parametrize("parts", [0, 2])
def test_a_file_takes_one_part(tmp_path: Path, parts: int) -> None:
    """A rendition of several parts is not written in part."""
    several = Rendition("edition-id", "Subject", "digest.txt", (Part("text/plain", "x"),) * parts)
    with pytest.raises(DeliveryFailed, match=f"digest.txt cannot be written: it has {parts} parts"):
        put(several, str(tmp_path))


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    """The message says which path and what is wrong with it, and the file stays."""
    place = tmp_path / "out"
    place.write_text("mine")
    with pytest.raises(DeliveryFailed) as failure:
        put(rendition(), str(place))
    assert str(failure.value) == f"{place}/digest.txt cannot be written: a file stands where the folder should be"
    with pytest.raises(DeliveryFailed, match=f"{place}/2026/digest.txt .* a file stands where"):
        put(rendition(), str(place / "2026"))
    assert place.read_text() == "mine"


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    """The message says so, and the folder stays, without a temporary file beside it."""
    (tmp_path / "digest.txt").mkdir()
    with pytest.raises(DeliveryFailed, match=f"{tmp_path}/digest.txt .* a folder stands where the file should be"):
        put(rendition(), str(tmp_path))
    assert names(tmp_path) == ["digest.txt"]


def test_a_missing_permission_is_named(tmp_path: Path) -> None:
    """Somebody who is not root may not write into a folder that can only be read."""
    folder = tmp_path / "out"
    folder.mkdir()
    tmp_path.chmod(0o755)
    folder.chmod(0o555)
    answer = _child(folder, "import os\nif os.geteuid() == 0: os.setegid(65534); os.seteuid(65534)\n")
    assert answer == f"{folder}/digest.txt cannot be written: there is no permission to write there"


def test_no_room_leaves_the_old_file(tmp_path: Path) -> None:
    """A write that is cut short costs neither the old edition nor the space of half a new one."""
    put(rendition("Yesterday.\n"), str(tmp_path))
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
    answer = _child(tmp_path, limit)
    assert answer == f"{tmp_path}/digest.txt cannot be written: the file would be larger than is allowed"
    assert (tmp_path / "digest.txt").read_text() == "Yesterday.\n"
    assert names(tmp_path) == ["digest.txt"]


def test_two_writers_never_tear_a_file(tmp_path: Path) -> None:
    """Whoever reads while two write sees all of one edition, and no writer fails."""
    contents = [letter * 300_000 for letter in "ab"]

    def write(content: str) -> None:
        for _ in range(30):
            put(rendition(content), str(tmp_path))

    put(rendition(contents[0]), str(tmp_path))
    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, content) for content in contents]
        while not all(writer.done() for writer in writers):
            assert (tmp_path / "digest.txt").read_text() in contents
    assert [writer.result() for writer in writers] == [None, None]
    assert names(tmp_path) == ["digest.txt"]


def test_a_writer_waits_for_its_turn(tmp_path: Path) -> None:
    """As long as another holds the folder nothing is written, and then it is."""
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with ThreadPoolExecutor() as pool:
        writer = pool.submit(put, rendition(), str(tmp_path))
        try:
            with pytest.raises(TimeoutError):
                writer.result(timeout=0.5)
            assert names(tmp_path) == []
        finally:
            os.close(folder)
    assert names(tmp_path) == ["digest.txt"]


def test_a_file_system_without_locks_is_written_to() -> None:
    """What cannot be flushed, as a pipe cannot, is let pass; a descriptor's other errors are not."""
    reading, writing = os.pipe()
    try:
        _if_possible(os.fsync, writing)
        with pytest.raises(NotADirectoryError):
            _if_possible(os.scandir, reading)
    finally:
        os.close(reading)
        os.close(writing)


def _child(folder: Path, first: str) -> str:
    """What a process that does something first is told when it hands over a large file."""
    program = (
        "import sys\n"
        "from worker.delivery.files import Files\n"
        "from worker.errors import DeliveryFailed\n"
        "from worker.model import Part, Rendition, Subscriber\n"
        f"{first}"
        "try:\n"
        "    part = Part('text/plain', 'x' * 100_000)\n"
        "    rendition = Rendition('e', 's', 'digest.txt', (part,))\n"
        "    Files(None, None).deliver([rendition], Subscriber('files', sys.argv[1], ()), None)\n"
        "except DeliveryFailed as failure:\n"
        "    print(failure)\n"
    )
    return printed(program, str(folder)).strip()
