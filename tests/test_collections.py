"""Named collections and those of sessions: where they are, what they may be called, and when they end."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.errors import IndexBusy, UserError
from embeddings.index import Index
from embeddings.manifest import writing
from qa.assembly import Models
from qa.chat import Question
from qa.collections import SESSION, Collections, Sessions, home_of, searched
from qa.reply import Answer
from qa.settings import Settings
from qa.uploads import remove
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder
from tests.tower import ENCODER, ONLY_MARGIN, NameReader
from tests.uploading import LAMP, STORM, held, put


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_collection_is_there_once_it_has_an_index(tmp_path: Path) -> None:
    collections = Collections(tmp_path)
    assert collections.names() == []
    reports = collections.named("Jahres-Berichte 2024")
    assert (reports.name, reports.documents, reports.files) == ("Jahres-Berichte 2024", [], {})
    put(reports, {"a.txt": LAMP})
    (tmp_path / "collections" / "half").mkdir()  # what a first build that was killed leaves
    assert collections.names() == ["Jahres-Berichte 2024"]
    assert collections.folders(["Jahres-Berichte 2024"]) == {"Jahres-Berichte 2024": reports.path}
    with pytest.raises(UserError, match=r"half: there is no such collection in .*, but Jahres-Berichte 2024; qa index"):
        collections.folders(["Jahres-Berichte 2024", "half"])


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "a/b", "a\\b", "a:b", ".a", "a.", "-a", "a" * 65, SESSION, "a\nb"]
)
def test_what_a_collection_cannot_be_called(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot be the name of a collection: take up to 64 letters"):
        Collections(tmp_path).named(name)


def test_a_name_is_one_however_its_accents_are_written(tmp_path: Path) -> None:
    collections = Collections(tmp_path)
    assert collections.named("Cafe\u0301") == collections.named(" Café ")
    assert collections.named("a").path == tmp_path / "collections" / "a"


def test_a_sessions_collection_is_searched_at_once_and_ends_with_it(tmp_path: Path) -> None:
    with Sessions.open(tmp_path) as sessions:
        mine, other = sessions.new(ENCODER), sessions.new(ENCODER)
        assert (mine.name, mine.documents, mine.path.stat().st_mode & 0o777) == (SESSION, [], 0o700)
        assert mine.path.parent.stat().st_mode & 0o777 == 0o700
        searching = Index.open_together({mine.name: mine.path}, encoder=ENCODER)
        put(mine, {"a.txt": LAMP})
        assert [entry.id for entry in searching.refreshed().documents] == ["session:a.txt"]
        assert other.documents == []
        Collections(tmp_path).delete(mine)
        assert not mine.path.exists()
        assert list(mine.path.parent.glob(".deleted*")) == []
        Collections(tmp_path).delete(mine)  # is gone already
    assert not other.path.exists()


def test_a_kept_collection_is_named_and_whole(tmp_path: Path) -> None:
    collections = Collections(tmp_path)
    with Sessions.open(tmp_path) as sessions:
        mine = sessions.new(ENCODER)
        put(mine, {"sub/a.txt": LAMP})
        with writing(mine.path), pytest.raises(IndexBusy):
            collections.keep(mine, "reports")
        kept = collections.keep(mine, "reports")
        another = sessions.new(ENCODER)
        with pytest.raises(UserError, match="there is a collection 'reports' already"):
            collections.keep(another, "reports")
        with pytest.raises(UserError, match="cannot be the name"):
            collections.keep(another, "../reports")
    assert collections.names() == ["reports"]
    assert held(kept) == {"sub/a.txt": LAMP}
    put(kept, {"b.txt": STORM})
    remove(kept, "sub/a.txt")
    assert held(kept) == {"b.txt": STORM}
    collections.delete(kept)
    assert (collections.names(), [path.name for path in kept.path.parent.iterdir()]) == ([], [".lock"])


SERVER = """
import sys
from pathlib import Path
from qa.collections import Sessions
from tests.tower import ENCODER
sessions = Sessions.open(Path(sys.argv[1]))
print(sessions.new(ENCODER).path, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_server_left_is_swept_and_that_of_a_running_one_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as server:
        assert server.stdout is not None
        left = Path(server.stdout.readline().strip())
        with Sessions.open(tmp_path) as running:
            mine = running.new(ENCODER)
            assert left.is_dir()
            server.kill()
            server.wait()
            with Sessions.open(tmp_path):
                assert not left.parent.exists()
                assert mine.path.is_dir()


def test_home_is_a_setting_and_else_the_systems_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert home_of(Settings.load()).name == "chapter-and-verse"
    monkeypatch.setenv("QA_HOME", str(tmp_path / "mine"))
    assert home_of(Settings.load()) == tmp_path / "mine"


def test_what_is_searched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("a", "b"):
        put(Collections(home).named(name), {"x.txt": LAMP})
    a, b = (home / "collections" / name for name in "ab")

    def of(**flags: object) -> dict[str, Path]:
        return searched(Settings.load(home=home, **flags))

    assert of() == {"": Path(".index")}
    assert of(collection=["a"]) == {"": a}
    assert of(collection=["a", "b"]) == {"a": a, "b": b}
    assert of(collection=["a"], index="papers") == {"": Path("papers"), "a": a}
    with pytest.raises(UserError, match="c: there is no such collection"):
        of(collection=["a", "c"])


def models(settings: Settings) -> Models:
    return Models(settings=settings, encoder=ENCODER, reader=NameReader(), calibration=ONLY_MARGIN)


def test_a_citation_names_its_collection_and_its_document_there(tmp_path: Path) -> None:
    with Sessions.open(tmp_path / "home") as sessions:
        mine = sessions.new(ENCODER)
        put(mine, {"gazette.txt": GAZETTE.text, "c/l.txt": LIGHTHOUSE.text.replace("Tomas Rill", "Arne Holm")})
        Index.build(tmp_path / ".index", [LIGHTHOUSE, GAZETTE], encoder=ENCODER)
        shared = models(Settings.load())
        answerer = shared.answerer({"": tmp_path / ".index", mine.name: mine.path})
        question = Question(id="1", text="Who was the first keeper who stayed?", documents=("session:*",))
        reply = answerer.ask(question)
        assert isinstance(reply.outcome, Answer)
        citation = reply.outcome.best.citation
        assert (reply.outcome.best.text, citation.origin) == ("Arne Holm", ("session", "c/l.txt"))
        document = answerer.index.cited(*citation.origin)
        assert document.text[citation.start : citation.end] == "Arne Holm"
        everywhere = answerer.ask(replace(question, documents=()))
        assert isinstance(everywhere.outcome, Answer)
        shown = {one.text: one.citation.origin for one in (everywhere.outcome.best, *everywhere.others)}
        assert shown["Tomas Rill"] == ("index", "coast/lighthouse.txt")
        assert shown["Arne Holm"] == ("session", "c/l.txt")
        # beside the uploads, what the index itself says and how it is cited stays as it was
        alone = shared.answerer({"": tmp_path / ".index"}).ask(replace(question, documents=()))
        assert isinstance(alone.outcome, Answer)
        assert alone.outcome.best.citation.origin == ("index", "coast/lighthouse.txt")


class WaitingEncoder(WordEncoder):
    """Notes how many encode at once."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = self.most = 0
        self.proceed = threading.Event()

    def encode(self, texts):  # type: ignore[no-untyped-def]
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.proceed.wait(0.02)
        self.inside -= 1
        return super().encode(texts)


def test_answerers_of_the_same_models_take_turns(tmp_path: Path) -> None:
    Index.build(tmp_path / "a", [LIGHTHOUSE], encoder=ENCODER)
    Index.build(tmp_path / "b", [GAZETTE], encoder=ENCODER)
    encoder = WaitingEncoder()
    shared = replace(models(Settings.load()), encoder=encoder)
    answerers = [shared.answerer({"": tmp_path / name}) for name in "ab"] * 3
    threads = [
        threading.Thread(target=one.ask, args=[Question(id="1", text="Who was the first keeper?")]) for one in answerers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert encoder.most == 1
