"""Files are written whole or not at all, alone and as a set; a locked file keeps its place."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from assigner import files
from assigner.files import FileSet, free_name, try_writing, write_whole


@pytest.fixture
def locked(monkeypatch):
    """Names that a program holds open: Windows then refuses to replace them."""
    names = set()
    replace = Path.replace

    def refusing(self, target):
        if Path(target).name in names:
            raise PermissionError(errno.EACCES, "Permission denied", str(self), None, str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    monkeypatch.setattr(files, "_PAUSE_SECONDS", 0.0)
    return names


def full(monkeypatch, from_call=1):
    """Let the disk fill up at a call."""
    calls = []
    sync = os.fsync

    def fsync(handle):
        calls.append(handle)
        if len(calls) >= from_call:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)


@pytest.mark.parametrize(("content", "data"), [("臺\nx\r\n", "臺\nx\r\n".encode()), (b"\0\xff", b"\0\xff")])
def test_what_is_given_is_what_is_written(tmp_path, content, data):
    path = tmp_path / "new" / "檔案 1.bin"
    write_whole(path, content)
    assert path.read_bytes() == data
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_an_old_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_text("old")
    full(monkeypatch)
    with pytest.raises(OSError, match="No space") as caught:
        write_whole(path, "new")
    assert caught.value.filename == str(path)
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_one_file_that_is_locked_is_an_error(tmp_path, locked):
    path = tmp_path / "x"
    path.write_text("old")
    locked.add("x")
    with pytest.raises(PermissionError) as caught:
        write_whole(path, "new")
    assert caught.value.filename == str(path)
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


# ------------------------------------------------------------------------------------------------------------- a set


def test_nothing_takes_its_place_before_all_are_drafted(tmp_path):
    (tmp_path / "a").write_text("old")
    with FileSet() as drafts:
        drafts.add(tmp_path / "a", "new")
        drafts.add(tmp_path / "b", b"new")
        assert (tmp_path / "a").read_text() == "old" and not (tmp_path / "b").exists()
        assert drafts.place(tmp_path / "a").path == tmp_path / "a"
        drafts.place(tmp_path / "b")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]
    assert (tmp_path / "a").read_text() == "new"


def test_a_set_that_is_broken_off_leaves_nothing(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(KeyboardInterrupt), FileSet() as drafts:
        drafts.add(tmp_path / "a", "new")
        drafts.add(tmp_path / "b", "new")
        raise KeyboardInterrupt
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_disk_that_fills_up_within_a_set_loses_one_file_only(tmp_path, monkeypatch):
    full(monkeypatch, from_call=2)
    with FileSet() as drafts:
        drafts.add(tmp_path / "a", "new")
        with pytest.raises(OSError, match="No space"):
            drafts.add(tmp_path / "b", "new")
        drafts.place(tmp_path / "a")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_locked_file_stays_and_the_new_one_stands_beside_it(tmp_path, locked):
    path = tmp_path / "plan.xlsx"
    path.write_text("old")
    (tmp_path / "plan (2).xlsx").write_text("older")
    locked.add("plan.xlsx")
    with FileSet() as drafts:
        drafts.add(path, "new")
        saved = drafts.place(path)
    assert (saved.wanted, saved.path.name) == (path, "plan (3).xlsx")
    assert path.read_text() == "old" and saved.path.read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_file_that_is_held_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    (tmp_path / "x").write_text("old")
    refusals, replace = [1, 2, 3], Path.replace

    def refusing(self, target):
        if refusals.pop() if refusals else False:
            raise PermissionError(errno.EACCES, "Permission denied", str(self), None, str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    monkeypatch.setattr(files, "_PAUSE_SECONDS", 0.0)
    with FileSet() as drafts:
        drafts.add(tmp_path / "x", "new")
        assert drafts.place(tmp_path / "x").path == tmp_path / "x"
    assert (tmp_path / "x").read_text() == "new" and not refusals


def test_where_nothing_can_be_replaced_the_error_names_the_file(tmp_path, locked):
    locked.update(["x", "x (2)"])
    with FileSet() as drafts:
        drafts.add(tmp_path / "x", "new")
        with pytest.raises(PermissionError) as caught:
            drafts.place(tmp_path / "x")
    assert caught.value.filename == str(tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_free_names(tmp_path):
    path = tmp_path / "plan.v1.xlsx"
    assert free_name(path).name == "plan.v1 (2).xlsx"
    (tmp_path / "plan.v1 (2).xlsx").touch()
    assert free_name(path).name == "plan.v1 (3).xlsx"
    assert free_name(path, "{stem}-{n}{suffix}", 1).name == "plan.v1-1.xlsx"


# ----------------------------------------------------------------------------------------------------------- trying


def test_trying_leaves_no_trace(tmp_path):
    (tmp_path / "old").write_text("old")
    try_writing(tmp_path / "old")
    try_writing(tmp_path / "new" / "x")
    assert (tmp_path / "old").read_text() == "old"
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="permissions do not bind this user")
def test_a_folder_that_is_read_only_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError) as caught:
            try_writing(tmp_path / "x")
        assert caught.value.filename == str(tmp_path / "x")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(IsADirectoryError):
        try_writing(tmp_path / "x")
