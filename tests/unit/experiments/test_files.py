import pytest

from experiments.files import (
    ChecksumError,
    folder_in_the_making,
    verify_checksums,
    write_atomically,
    write_checksums,
)


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_only_when_it_is_whole(tmp_path):
    target = tmp_path / "export"
    with pytest.raises(RuntimeError), folder_in_the_making(target) as making:
        (making / "half.csv").write_text("a")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with folder_in_the_making(target) as making:
        (making / "whole.csv").write_text("a")
    assert [path.name for path in target.iterdir()] == ["whole.csv"]


def test_an_existing_folder_is_never_overwritten(tmp_path):
    with pytest.raises(FileExistsError, match="exists already"), folder_in_the_making(tmp_path):
        pass


def test_checksums_name_every_missing_changed_and_unlisted_file(tmp_path):
    for name in ("kept", "changed", "missing"):
        write_atomically(tmp_path / "tables" / name, name.encode())
    write_checksums(tmp_path)
    verify_checksums(tmp_path)
    (tmp_path / "tables/changed").write_text("other")
    (tmp_path / "tables/missing").unlink()
    (tmp_path / "new").write_text("new")
    with pytest.raises(ChecksumError) as caught:
        verify_checksums(tmp_path)
    message = str(caught.value)
    assert "tables/missing is missing" in message
    assert "tables/changed has changed" in message
    assert "new is not listed" in message
    assert "kept" not in message
