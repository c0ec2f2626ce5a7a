"""Long work of the page without a page: how far it is in words, its tables, its thread and its files."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from embeddings.errors import BadInput
from embeddings.index import Index
from qa import batch
from qa.chat import Question
from qa.gold import read_gold
from qa.questions import BadLine
from qa.reply import Answer, Candidate
from qa.web.evaluation import PARAGRAPHS, Evaluating, Gold
from qa.web.library import Desk
from qa.web.progress import problem, progress, time_left, told
from qa.web.replies import replies_table
from qa.web.work import Work
from tests.fakes import LIGHTHOUSE_SCRIPT, Scripted, WordEncoder, paper_citation, patient_answerer
from tests.measured import MeasuredAnswerer

SQUAD = {
    "data": [
        {
            "title": "Coast",
            "paragraphs": [
                {
                    "context": "The lighthouse was first lit on 4 May 1871.",
                    "qas": [
                        {
                            "id": "lit",
                            "question": "When was it first lit?",
                            "answers": [{"text": "4 May 1871", "answer_start": 32}],
                        }
                    ],
                },
                {"context": "The harbour is old.", "qas": [{"id": "who", "question": "Who built it?", "answers": []}]},
            ],
        }
    ]
}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute left"),
        (44, "less than a minute left"),
        (46, "about 1 min left"),
        (150, "about 2 min left"),
        (5000, "about 83 min left"),
        (9000, "about 2 h left"),
    ],
)
def test_what_is_left_is_said_no_finer_than_it_is_known(seconds: float, said: str) -> None:
    assert time_left(seconds) == said


def test_progress_is_a_bar_and_words() -> None:
    bar = progress(12, 1080, 70, does="answered")
    assert "<p>12 of 1,080 answered, about 1 min left</p>" in bar
    assert 'aria-valuemax="1080" aria-valuenow="12" aria-valuetext="12 of 1,080 answered, about 1 min left"' in bar
    assert 'style="width: 1.1%"' in bar
    assert "<p>0 of 3 answered</p>" in progress(0, 3, None, does="answered")
    assert "<p>1 of 3 answered; stopping after the question under way</p>" in progress(
        1, 3, 9, does="answered", stopping=True
    )
    assert told("a < b") == '<p class="qa-told" role="status">a &lt; b</p>'
    assert problem("a < b") == '<p class="qa-told qa-error" role="alert">a &lt; b</p>'


def test_replies_are_rows_whose_words_are_words(tmp_path: Path) -> None:
    answerer = patient_answerer()
    answerer.calibrated = False
    asked = [Question(id="<1>", text="Who owns the <b>lighthouse</b>?"), BadLine(id="2", text="", error="not <JSON>")]
    asked.append(Question(id="3", text="When was the lighthouse first lit?"))
    file = tmp_path / "answers.jsonl"
    batch.run(answerer, asked, file, made_with={})
    shown = replies_table(file, total=4)
    assert "<h2>Replies to 3 of 4 questions</h2>" in shown
    for cell in (
        '<td class="qa-id">&lt;1&gt;</td><td>Who owns the &lt;b&gt;lighthouse&lt;/b&gt;?</td>',
        '<td><span class="qa-error">not &lt;JSON&gt;</span></td><td></td><td></td>',
        "<td><strong>4 May 1871</strong></td><td>93 %</td><td>Marrow Point Lighthouse · line 1</td>",
    ):
        assert cell in shown
    assert ("calibrated" in shown) is not all(json.loads(line)["calibrated"] for line in file.open(encoding="utf-8"))


def followed(work: Work[int]) -> None:
    for _ in work.follow():
        pass


def test_work_is_done_beside_and_its_folder_goes_with_it() -> None:
    def count(work: Work[int]) -> int:
        (work.folder / "one").write_text("1")
        for done in range(1, 4):
            work.tell(done)
        return threading.get_ident()

    work: Work[int] = Work(3, count)
    assert (work.done, work.seconds_left, work.running()) == (0, None, False)
    followed(work)
    assert work.result not in (None, threading.get_ident())
    assert (work.done, work.seconds_left, work.running()) == (3, 0, False)
    folder = work.folder
    assert [path.name for path in folder.iterdir()] == ["one"]
    work.close()
    assert not folder.exists()


def test_what_work_raises_is_raised_to_who_follows() -> None:
    def fail(work: Work[int]) -> int:
        raise BadInput("no such thing")

    with pytest.raises(BadInput, match="no such thing"):
        followed(Work(1, fail))


def test_work_that_nobody_follows_stops_and_closing_waits_for_nothing() -> None:
    may_end = threading.Event()

    def wait(work: Work[int]) -> int:
        may_end.wait(10)
        (work.folder / "late").write_text("late")
        return int(work.stopping())

    work: Work[int] = Work(1, wait)
    following = work.follow()
    next(following)
    following.close()
    assert work.stopping() and work.running()
    work.close()
    assert work.folder.exists()  # it is still written to
    may_end.set()
    for _ in range(200):
        if not work.folder.exists():
            break
        threading.Event().wait(0.05)
    assert not work.folder.exists() and work.result == 1


class PaperModels:
    """Indexes words, and answers by a script over whatever was indexed."""

    encoder = WordEncoder()

    def answerer(self, folders: dict[str, Path]) -> MeasuredAnswerer:
        index = Index.open_together(folders, encoder=self.encoder)
        lit = index.document("Coast/00000")
        script = {
            "When was it first lit?": Scripted(
                Answer(
                    best=Candidate(
                        text="4 May 1871",
                        confidence=0.9,
                        citation=paper_citation(lit, lit.text, "4 May 1871"),
                    )
                )
            )
        }
        answerer = MeasuredAnswerer(index=index, script=script)
        answerer.threshold = 0.5  # type: ignore[attr-defined]
        return answerer


def squad(tmp_path: Path) -> Path:
    file = tmp_path / "squad.json"
    file.write_text(json.dumps(SQUAD), "utf-8")
    return file


def test_squad_is_asked_of_its_own_paragraphs(tmp_path: Path) -> None:
    tab = Evaluating(Desk(answerer=patient_answerer()), PaperModels())
    loaded = tab.read(squad(tmp_path))
    assert tab.holds(loaded) == "2 questions, about 2 paragraphs of its own."
    work = tab.prepare(loaded, Desk(answerer=patient_answerer(), documents=("none of these",)))
    for _ in work.follow():
        pass
    ended = tab.ended(work)
    assert ended.said == "2 of 2 judged."
    summary = json.loads((work.folder / "summary.json").read_text("utf-8"))
    assert (summary["f1"], summary["missing_evidence"], summary["about"]["documents"]) == (100, [], 2)
    assert [file.name for file in ended.files] == ["report.html", "summary.json", "questions.jsonl"]
    work.close()


def test_stopped_while_paragraphs_are_indexed_nothing_is_reported(tmp_path: Path) -> None:
    tab = Evaluating(Desk(answerer=patient_answerer()), PaperModels())
    work = tab.prepare(tab.read(squad(tmp_path)), Desk(answerer=patient_answerer()))
    work.stop()
    for _ in work.follow():
        pass
    assert tab.ended(work).said == "0 of 2 judged; stopped."
    assert tab.ended(work).files == ()
    work.close()


def test_limits_of_a_gold_file_are_told(tmp_path: Path) -> None:
    tab = Evaluating(Desk(answerer=patient_answerer()), PaperModels())
    row = {"title": "A", "question": "B?", "answers": {"text": [], "answer_start": []}}
    many = tmp_path / "many.jsonl"
    many.write_text(
        "\n".join(json.dumps(row | {"id": str(n), "context": f"C {n}."}) for n in range(PARAGRAPHS + 1)), "utf-8"
    )
    with pytest.raises(BadInput, match=r"many\.jsonl brings 2,501 paragraphs, and 2,500 are indexed here; take a part"):
        tab.read(many)
    few = tmp_path / "few.jsonl"
    rows = [{"id": str(n), "question": next(iter(LIGHTHOUSE_SCRIPT)), "answers": []} for n in range(1001)]
    few.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    loaded = tab.read(few)
    assert loaded == Gold(name="few.jsonl", gold=read_gold(few))
    assert tab.holds(loaded) == "1,001 questions, of which 1,000 are drawn."
    with pytest.raises(BadInput, match=r"few\.jsonl has more than 0 MB"):
        read_gold(few, max_bytes=1000)
