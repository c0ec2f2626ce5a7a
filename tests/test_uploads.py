"""Uploads into a collection: what is taken, what is said of the rest, and that a kill leaves the old or the new."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from embeddings.errors import IndexBusy, UserError
from embeddings.index import Index
from embeddings.manifest import SourceEntry, read_manifest, writing
from embeddings.sync import sync
from qa.settings import Settings
from qa.uploads import Upload, UploadLimits, add, allowed_endings, check, megabytes, remove, safe_name
from tests.fakes import WordEncoder
from tests.uploading import BARGE, ENCODER, LAMP, LIMITS, STORM, collection_in, held, put

BINARY = "\x00\x01\x02\x00" * 100


def test_files_come_with_their_folders_and_are_found(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    report = put(papers, {"coast/lamp.txt": LAMP, "storm.txt": STORM})
    assert (report.documents, report.sources[0].added, report.failed) == (2, ("coast/lamp.txt", "storm.txt"), ())
    assert held(papers) == {"coast/lamp.txt": LAMP, "storm.txt": STORM}
    assert [entry.id for entry in papers.documents] == ["coast/lamp.txt", "storm.txt"]
    report = put(papers, {"coast/barge.txt": BARGE, "storm.txt": STORM + BARGE})
    (source,) = report.sources
    assert (source.added, source.changed, source.unchanged, source.removed) == (
        ("coast/barge.txt",),
        ("storm.txt",),
        ("coast/lamp.txt",),
        (),
    )
    assert held(papers) == {"coast/barge.txt": BARGE, "coast/lamp.txt": LAMP, "storm.txt": STORM + BARGE}


def test_only_what_is_new_is_encoded(tmp_path: Path) -> None:
    papers, encoder = collection_in(tmp_path), WordEncoder()
    put(papers, {"lamp.txt": LAMP}, encoder)
    before = len(encoder.encoded)
    put(papers, {"storm.txt": STORM}, encoder)
    assert encoder.encoded[before:] == [p.encoded_text for p in Index.open(papers.path).passages_of("storm.txt")]


def test_removing_takes_document_and_file(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    put(papers, {"lamp.txt": LAMP, "storm.txt": STORM})
    remove(papers, "lamp.txt")
    assert held(papers) == {"storm.txt": STORM}
    assert sorted(path.read_text() for path in papers.path.rglob("*.txt")) == [STORM]
    with pytest.raises(UserError, match=r"lamp\.txt: there is no such file .* there are storm\.txt"):
        remove(papers, "lamp.txt")
    remove(papers, "storm.txt")
    assert held(papers) == {}
    put(papers, {"lamp.txt": LAMP})
    assert held(papers) == {"lamp.txt": LAMP}


def test_what_cannot_be_read_leaves_nothing_and_an_older_version_stays(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    put(papers, {"lamp.txt": LAMP})
    report = put(papers, {"lamp.txt": BINARY, "new.txt": BINARY, "storm.txt": STORM, "table.xlsx": "1,2"})
    assert [(failure.id, failure.message.split(" (")[0]) for failure in report.failed] == [
        ("table.xlsx", "is a spreadsheet"),
        ("lamp.txt", "the file is binary, not text"),
        ("new.txt", "the file is binary, not text"),
    ]
    assert held(papers) == {"lamp.txt": LAMP, "storm.txt": STORM}


def test_a_file_that_went_meanwhile_is_told(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    report = add(papers, [Upload(name="a.txt", path=tmp_path / "none")], encoder=ENCODER, limits=LIMITS)
    assert [(one.id, one.message) for one in report.failed] == [
        ("a.txt", "cannot be read (No such file or directory); choose it again")
    ]
    assert held(papers) == {}


def test_other_sources_of_the_collection_stay(tmp_path: Path) -> None:
    papers, notes = collection_in(tmp_path), tmp_path / "notes"
    notes.mkdir()
    (notes / "note.txt").write_text(BARGE)
    sync(papers.path, [SourceEntry(name=None, path=str(notes))], encoder=ENCODER)
    report = put(papers, {"lamp.txt": LAMP, "note.txt": STORM})
    assert [(one.id, one.message) for one in report.failed] == [
        ("note.txt", f"has the name of a document of {notes}; give it another")
    ]
    assert [entry.id for entry in papers.documents] == ["lamp.txt", "note.txt"]
    sync(papers.path, encoder=ENCODER)  # all sources again, those uploaded too
    assert [entry.id for entry in papers.documents] == ["lamp.txt", "note.txt"]
    sync(papers.path, encoder=ENCODER, rebuild=True)
    assert [entry.id for entry in papers.documents] == ["lamp.txt", "note.txt"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b.txt", "a/b.txt"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\papers\\a.txt", "papers/a.txt"),
        ("a//./b.txt", "a/b.txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("a\x00\n.txt", "a.txt"),
        (".hidden", ""),
        (".git/config", ""),
        ("a/~$b.docx", ""),
        ("..", ""),
        ("", ""),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_what_will_not_be_taken_is_told_before_it_is_read(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    put(papers, {"coast/lamp.txt": LAMP})

    def said(*files: tuple[str, int]) -> dict[str, str]:
        return {failure.id: failure.message for failure in check(files, LIMITS, papers)}

    assert said(("a.txt", 10), ("b.pdf", 10), (".hidden", 10), ("README", 10)) == {}
    assert said(("a.txt", 0), ("b.txt", 1_500_000), ("../a.txt", 3), ("p.png", 9)) == {
        "a.txt": "is empty; leave it out or fill it",
        "b.txt": "is larger than 1 MB (1.5 MB); split it, or raise max_file_megabytes",
        "p.png": "is an image (.png), which is not supported; make its text searchable with OCR, for instance "
        "ocrmypdf, and add the PDF",
    }
    assert said(("a.txt", 5), ("../a.txt", 3)) == {"a.txt": "has the name of another of these files; rename one"}
    both = "would be a file and a folder of one name; rename one"
    assert said(("coast", 5), ("coast/lamp.txt/b", 5), ("x", 1), ("x/y", 2)) == {
        "coast": both,
        "coast/lamp.txt/b": both,
        "x/y": both,
    }
    assert said(("ä" * 128 + ".txt", 5)) == {"ä" * 128 + ".txt": "has too long a name; shorten it"}
    with pytest.raises(UserError, match=r"5 files are more than the 4 that may come at once; .* max_upload_files"):
        said(*[(f"{number}.txt", 1) for number in range(5)])
    with pytest.raises(UserError, match=r"would hold 2\.5 MB, more than 2 MB; .* max_collection_megabytes"):
        said(("a.txt", 1_000_000), ("b.txt", 1_000_000), ("c.txt", 500_000))
    assert said(("a.txt", 1_000_000), ("coast/lamp.txt", 999_000)) == {}  # what it replaces does not count


def test_limits_come_from_the_settings_and_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    limits = UploadLimits.of(Settings.load(max_file_megabytes="2", max_upload_files="1000"))
    assert limits == UploadLimits(max_file_bytes=2_000_000, max_files=1000, max_collection_bytes=1_000_000_000)
    assert limits.in_words() == (
        "PDF, Word (.docx), HTML, Markdown, wiki text and plain text. A file may have 2 MB, 1,000 files may come at "
        "once, and a collection holds 1,000 MB."
    )
    only = UploadLimits.of(Settings.load(upload_endings="pdf,txt"))
    assert only.in_words().startswith(".pdf, .txt. A file may have 50 MB")
    assert [(one.id, one.message) for one in check([("a.PDF", 1), ("b.md", 1), ("README", 1)], only)] == [
        (name, "is not of a kind that is taken here (.pdf, .txt); save it as one, or leave it out")
        for name in ("b.md", "README")
    ]
    assert {".pdf", ".docx", ".html", ".md", ".wiki", ".txt"} <= set(allowed_endings())
    assert [megabytes(size) for size in (50_000_000, 1_560_000)] == ["50 MB", "1.6 MB"]


def test_a_second_upload_is_told_to_wait(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    with writing(papers.path), pytest.raises(IndexBusy):
        put(papers, {"lamp.txt": LAMP})
    put(papers, {"lamp.txt": LAMP})


class FailingEncoder(WordEncoder):
    """Fails at its first text."""

    def encode(self, texts):  # type: ignore[no-untyped-def]
        raise MemoryError


def test_a_failure_while_encoding_leaves_the_old(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    put(papers, {"lamp.txt": LAMP})
    with pytest.raises(MemoryError):
        put(papers, {"lamp.txt": STORM, "barge.txt": BARGE}, FailingEncoder())
    assert {id: file.read_text() for id, file in papers.files.items()} == {"lamp.txt": LAMP}
    put(papers, {"storm.txt": STORM})
    assert held(papers) == {"lamp.txt": LAMP, "storm.txt": STORM}


KILLED_AT_EVERY_STEP = """
import os, signal, sys
from pathlib import Path
from embeddings.manifest import read_manifest
from qa.uploads import remove
from tests.uploading import LIMITS, BARGE, LAMP, STORM, collection_in, held, put
steps_left = [0]

def dies(what):
    def step(*args, **options):
        steps_left[0] -= 1
        if steps_left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return what(*args, **options)
    return step

def killed_everywhere(place, change):
    papers = collection_in(Path(place))
    Path(place).mkdir()
    put(papers, {"a.txt": LAMP, "sub/b.txt": STORM})
    survived, steps = False, 0
    while not survived:
        child = os.fork()
        if not child:
            steps_left[0] = steps
            for name in ("replace", "fsync", "unlink", "link", "rmdir", "mkdir"):
                setattr(os, name, dies(getattr(os, name)))
            try:
                change(papers)
                os._exit(0)
            finally:
                os._exit(1)
        status = os.waitpid(child, 0)[1]
        survived = status == 0
        assert survived or os.WIFSIGNALED(status)
        named = {s.path for s in read_manifest(papers.path).sources}
        texts = {id: file.read_text() for id, file in papers.files.items()}
        assert len(named) == 1 and texts.keys() == read_manifest(papers.path).documents.keys()
        print(steps, sorted(texts.items()))
        steps += 1
    assert held(papers) == texts

def removed_again(papers):
    if "sub/b.txt" in papers.files:
        remove(papers, "sub/b.txt")
    else:  # gone already: the next change sweeps what is left of it
        put(papers, {"a.txt": LAMP})

killed_everywhere(sys.argv[1] + "/add", lambda papers: put(papers, {"a.txt": BARGE, "c.txt": LAMP}))
print("-")
killed_everywhere(sys.argv[1] + "/remove", removed_again)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_any_step_leaves_the_old_collection_or_the_new(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_AT_EVERY_STEP, str(tmp_path)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[1]
    )
    assert done.returncode == 0, done.stderr
    added, removed = (
        [line.split(" ", 1)[1] for line in part.strip().splitlines()] for part in done.stdout.split("-\n", 1)
    )
    before = str(sorted({"a.txt": LAMP, "sub/b.txt": STORM}.items()))
    for states, after in (
        (added, {"a.txt": BARGE, "c.txt": LAMP, "sub/b.txt": STORM}),
        (removed, {"a.txt": LAMP}),
    ):
        first = states.index(str(sorted(after.items())))
        assert first >= 5
        assert states == [before] * first + [states[first]] * (len(states) - first)


def test_a_collection_that_moved_still_finds_its_files(tmp_path: Path) -> None:
    papers = collection_in(tmp_path)
    put(papers, {"lamp.txt": LAMP})
    papers.path.rename(tmp_path / "moved")
    moved = collection_in(tmp_path, "moved")
    assert held(moved) == {"lamp.txt": LAMP}
    assert not Path(read_manifest(moved.path).sources[0].path).is_absolute()
    put(moved, {"storm.txt": STORM})
    assert held(moved) == {"lamp.txt": LAMP, "storm.txt": STORM}
