"""The sets that the reader learns from: hashes, fetching, and our questions over others' paragraphs."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from embeddings.errors import UserError
from qa.gold import read_gold
from qa.training import own
from qa.training.formats import FORMATS, Row
from qa.training.sets import SETS, SetUnusable, catalogue, read
from tests.question_sets import BRIDGE, FERRY, asked, prepared, squad, write


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sets_toml(folder: Path, **sets: Mapping[str, object]) -> Path:
    always = {"kind": "public", "licence": "CC0", "citation": "Nobody 2020", "source": "https://example.org"}
    lines = []
    for name, values in sets.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in {**always, **values}.items()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sets.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder / "sets.toml"


# --- where sets are, and that they are the right ones


@pytest.mark.parametrize("place", ["train/a.jsonl.gz", "a.jsonl.gz"])
def test_a_set_is_read_from_the_folder(tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [prepared("q1", BRIDGE, ["1931"]), prepared("q2", BRIDGE, ["1931"], 3)]
    file = write(tmp_path / place, rows, lines=True, packed=True)
    sets = sets_toml(tmp_path / "s", a={"file": "a.jsonl.gz", "sha256": sha256(file)})
    assert [row.id for row in read("a", tmp_path, tmp_path / "cache", sets)] == ["q1"]
    assert "a: left out 1 of 2 questions" in capsys.readouterr().out


def test_another_file_under_the_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl.gz", [prepared("q1", BRIDGE, ["1931"])], lines=True, packed=True)
    sets = sets_toml(tmp_path / "s", a={"file": "a.jsonl.gz", "sha256": "0" * 64})
    with pytest.raises(SetUnusable, match=r"a\.jsonl\.gz is not the file that was used for a: its SHA-256 is"):
        read("a", tmp_path, tmp_path / "cache", sets)


@pytest.mark.parametrize("folder", [True, False])
def test_a_missing_set_says_what_to_do(tmp_path: Path, folder: bool) -> None:
    sets = sets_toml(tmp_path / "s", a={"file": "a.jsonl.gz", "sha256": "0" * 64})
    with pytest.raises(UserError, match=r"(?s)a is missing.*a\.jsonl\.gz with --data.*https://example\.org"):
        read("a", tmp_path if folder else None, tmp_path / "cache", sets)


def test_an_unknown_set_and_one_without_rows_say_so(tmp_path: Path) -> None:
    sets = sets_toml(tmp_path, a={"no_rows": "it has sentences"})
    with pytest.raises(SetUnusable, match=r"no data set 'b'.*has: a\."):
        read("b", None, tmp_path, sets)
    with pytest.raises(SetUnusable, match=r"cannot be read.*it has sentences"):
        read("a", None, tmp_path, sets)


def test_a_set_is_fetched_once_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = write(tmp_path / "away" / "train.json", squad(asked("q1")))
    values = {"url": original.as_uri(), "url_sha256": sha256(original), "format": "squad", "file": "a.jsonl.gz"}
    sets, cache = sets_toml(tmp_path / "s", a=values), tmp_path / "cache"
    (row,) = read("a", tmp_path, cache, sets)
    assert (row.id, row.set) == ("q1", "a")
    original.unlink()
    assert read("a", None, cache, sets) == [row]
    assert capsys.readouterr().out.count("fetching") == 1
    (cache / "train.json").write_text("damaged")
    with pytest.raises(SetUnusable, match=r"a could not be fetched from file:.*\n.*--data"):
        read("a", None, cache, sets)


def test_an_original_beside_the_prepared_files_is_not_fetched(tmp_path: Path) -> None:
    original = write(tmp_path / "train" / "train.json", squad(asked("q1")))
    url = "http://127.0.0.1:9/train.json"  # nobody listens there
    sets = sets_toml(tmp_path / "s", a={"url": url, "url_sha256": sha256(original), "format": "squad"})
    assert [row.id for row in read("a", tmp_path, tmp_path / "cache", sets)] == ["q1"]


def test_what_is_not_the_file_is_not_kept(tmp_path: Path) -> None:
    original = write(tmp_path / "away" / "train.json", squad(asked("q1")))
    sets = sets_toml(tmp_path / "s", a={"url": original.as_uri(), "url_sha256": "0" * 64, "format": "squad"})
    with pytest.raises(SetUnusable, match=r"What file:.* gave is not the file"):
        read("a", None, tmp_path / "cache", sets)
    assert list((tmp_path / "cache").iterdir()) == []


def test_half_a_file_is_not_kept(tmp_path: Path) -> None:
    broken = "import socket,sys\n" + (
        "s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\n"
        "c, _ = s.accept(); c.recv(4096)\n"
        "c.sendall(b'HTTP/1.0 200 OK\\r\\nContent-Length: 1000\\r\\n\\r\\n' + b'{' * 10); c.close()"
    )
    with subprocess.Popen([sys.executable, "-c", broken], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/train.json"
        sets = sets_toml(tmp_path / "s", a={"url": url, "format": "squad"})
        with pytest.raises(SetUnusable, match="broke off after 10 of 1000 bytes"):
            read("a", None, tmp_path / "cache", sets)
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_original_without_a_hash_is_used_and_its_hash_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    original = write(tmp_path / "away" / "train.json", squad(asked("q1")))
    sets = sets_toml(tmp_path / "s", a={"url": original.as_uri(), "format": "squad"})
    assert len(read("a", None, tmp_path / "cache", sets)) == 1
    assert f"SHA-256 {sha256(original)}, and sets.toml pins none" in capsys.readouterr().out


def test_of_an_original_that_we_used_in_part_only_those_paragraphs_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = squad(asked("q1"))
    content["data"] += squad(asked("q2", answer="Hilma", start=14), context=FERRY)["data"]
    original = write(tmp_path / "away" / "train.json", content)
    values = {"url": original.as_uri(), "url_sha256": sha256(original), "format": "squad", "part": True}
    sets = sets_toml(tmp_path / "s", a=values)
    (ours,) = FORMATS["squad"](write(tmp_path / "ours.json", squad(asked("q9"))), "a")
    assert ours
    (tmp_path / "s" / "data").mkdir()
    own.pack_paragraphs({"a": [ours, ours]}, tmp_path / "s" / "data" / own.PARAGRAPHS)
    assert [row.id for row in read("a", None, tmp_path / "cache", sets)] == ["q1"]
    assert "a: 1 of the 1 paragraphs that we used are in the original, 1 questions" in capsys.readouterr().out


# --- our own questions


def test_our_questions_come_back_over_the_paragraphs_of_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = [
        {**prepared("m1", BRIDGE, ["1931"]), "over": "a", "kind": "answerable"},
        {**prepared("m2", FERRY, []), "over": "a", "kind": "unanswerable"},
        {**prepared("m3", "Of no set.", []), "over": "a", "kind": "unanswerable"},
    ]
    (tmp_path / "s" / "data").mkdir(parents=True)
    questions = tmp_path / "s" / "data" / "mine.jsonl.gz"
    own.pack(mine, questions)
    theirs = [prepared("q1", BRIDGE, ["40 m"]), prepared("q2", FERRY, ["Hilma"])]
    file = write(tmp_path / "a.jsonl.gz", theirs, lines=True, packed=True)
    sets = sets_toml(
        tmp_path / "s",
        a={"file": "a.jsonl.gz", "sha256": sha256(file)},
        mine={"kind": "own", "file": questions.name, "sha256": sha256(questions)},
    )
    first, second = read("mine", tmp_path, tmp_path / "cache", sets)
    assert first == Row(set="mine", id="m1", title="Orlo", context=BRIDGE, question="What is m1?", answers=((26, 30),))
    assert (second.context, second.answers) == (FERRY, ())
    assert "mine: left out 1 of 3 questions whose paragraph is in none of the sets" in capsys.readouterr().out
    packed = gzip.decompress(questions.read_bytes()).decode()
    assert BRIDGE not in packed and "1931" not in packed and own.paragraph_hash(BRIDGE) in packed


def test_packing_gives_the_same_bytes_at_any_time_and_place(tmp_path: Path) -> None:
    mine = [{**prepared("m1", BRIDGE, ["1931"]), "over": "a", "kind": "answerable"}]
    (tmp_path / "b").mkdir()
    for place in (tmp_path / "one.gz", tmp_path / "b" / "two.gz"):
        own.pack(mine, place)
    data = (tmp_path / "one.gz").read_bytes()
    assert data == (tmp_path / "b" / "two.gz").read_bytes()
    assert data[4:8] == bytes(4)  # no time in the header
    assert not data[3] & 8  # nor a name


# --- what the repository has


def test_every_set_of_the_catalogue_is_described() -> None:
    sets = catalogue()
    for name, described in sets.items():
        assert described.name == name
        assert described.kind in {"public", "auxiliary", "own", "large"}
        assert described.licence and described.citation and described.source, name
        assert described.file or described.url, name
        assert len(described.sha256) == (64 if described.file else 0), name
        assert len(described.url_sha256) in {0, 64}, name
        assert (described.format in FORMATS) if described.url else not described.format, name
        assert described.url.startswith("https://" if described.url else ""), name
        if described.part:
            assert own.paragraphs_of(name, SETS.parent / "data" / own.PARAGRAPHS), name


def test_our_own_data_is_what_the_catalogue_says() -> None:
    for described in catalogue().values():
        if described.kind == "own":
            assert sha256(SETS.parent / "data" / described.file) == described.sha256


def test_our_own_questions_have_no_paragraphs_and_ask_over_public_sets() -> None:
    text = gzip.decompress((SETS.parent / "data" / "adversarial.jsonl.gz").read_bytes()).decode()
    rows = [json.loads(line) for line in text.splitlines()]
    assert len(rows) == 20021 == len({row["id"] for row in rows})
    assert sum(not row["answers"] for row in rows) == 9810
    assert len({row["paragraph"] for row in rows}) == 4905
    assert {key for row in rows for key in row} == {"id", "paragraph", "over", "question", "answers", "kind"}
    assert max(len(row["question"]) for row in rows) < 200
    for name in {row["over"] for row in rows}:
        assert catalogue()[name].kind == "public"
        kept = own.paragraphs_of(name, SETS.parent / "data" / own.PARAGRAPHS)
        assert {row["paragraph"] for row in rows if row["over"] == name} <= kept


def test_the_invented_documents_have_their_evidence_and_are_not_the_ones_for_measuring() -> None:
    texts = {path.name: path.read_bytes().decode() for path in (own.INVENTED / "documents").iterdir()}
    questions = read_gold(own.INVENTED / "gold.jsonl").questions
    assert (len(texts), len(questions)) == (73, 1168)
    assert all(evidence.text in texts[evidence.document] for one in questions for evidence in one.evidence)
    measured = Path(__file__).parents[1] / "benchmarks" / "invented" / "documents"
    assert not set(texts) & {path.name for path in measured.iterdir()}


def test_reading_sets_needs_no_torch() -> None:
    code = "import sys; import qa.training.sets; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=SETS.parents[2], check=False).returncode == 0
