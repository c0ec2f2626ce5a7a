"""What mending typing errors and knowing the forms of names does to what is found; no reader is asked.

    python benchmarks/names.py [--limit N] [--report FILE]

Two hundred answerable questions of dev and of the invented set, as they are and changed by a fixed seed: one or two
typing errors in their longer words, accents left out, a short form for a long one or the reverse. `without` is the same
retriever asked as typed; `touched` are the questions in which something was mended or a name has other forms. With
--report FILE, what was mended in all questions as they are is listed there.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from answers import Bench, benches, index_of
from results_file import write_results

from embeddings.aliases import Alias
from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.keywords import question_terms
from embeddings.passage import Hit
from qa.evaluate import original_files, original_text, sample
from qa.evaluation.lost import Located, Piece
from qa.gold import GoldQuestion, GoldSet, locate, read_gold
from qa.metrics import MISSED, recall_at
from qa.names import Name, Names
from qa.retrieve import Retriever

SEED = 7
QUESTIONS = 200  # of each set: asking one takes a third of a second
LONGER = 5  # letters of a word that gets a typing error

Change = Callable[[str, random.Random], str]


class AsTyped(Names):
    """No mending, no other forms."""

    def mended(self, question: str) -> str:
        return question

    def named_in(self, question: str) -> list[Name]:
        return []


def mistyped(question: str, errors: int, chance: random.Random) -> str:
    """Another question in which so many words have one typing error each, never in their first letter."""
    words = re.finditer(r"[^\W\d_]+", question)
    places = [match for match in words if len(match.group()) >= LONGER and question_terms(match.group())]
    for match in sorted(chance.sample(places, min(errors, len(places))), key=lambda match: -match.start()):
        word = match.group()
        at = chance.randrange(1, len(word) - 1)
        other = chance.choice("abcdefghijklmnopqrstuvwxyz".replace(word[at], ""))
        edits = {
            "swapped": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            "left out": word[:at] + word[at + 1 :],
            "doubled": word[:at] + word[at] + word[at:],
            "another": word[:at] + other + word[at + 1 :],
        }
        question = question[: match.start()] + edits[chance.choice(sorted(edits))] + question[match.end() :]
    return question


def without_accents(question: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", question) if not unicodedata.combining(one))


def other_form(question: str, aliases: Iterable[Alias]) -> str:
    """The question with the first name that has another form in that form."""
    for alias in aliases:
        for form, other in ((alias.short, alias.long), (alias.long, alias.short)):
            pattern = rf"(?<!\w){re.escape(form)}(?!\w)"
            if re.search(pattern, question):
                return re.sub(pattern, lambda _, other=other: other, question)
    return question


def changes(index: Index) -> dict[str, Change]:
    aliases = index.aliases()
    return {
        "as it is": lambda question, _: question,
        "one typing error": lambda question, chance: mistyped(question, 1, chance),
        "two typing errors": lambda question, chance: mistyped(question, 2, chance),
        "accents left out": lambda question, _: without_accents(question),
        "other form of a name": lambda question, _: other_form(question, aliases),
    }


def evidence_of(index: Index, questions: Sequence[GoldQuestion]) -> dict[str, Located]:
    files = original_files(index, questions)
    found = {}
    for question in questions:
        pieces = []
        for one in question.evidence:
            document = index.document(one.document)
            stretches = locate(one, document, original_text(document, files.get(one.document)))
            pieces.append(Piece(document=one.document, stretches=stretches))
        found[question.id] = Located(pieces=tuple(pieces))
    return found


def ranks(question: GoldQuestion, located: Located, hits: Sequence[Hit]) -> tuple[float, float]:
    """The places of the first right document and of the first passage with evidence."""
    documents = list(dict.fromkeys(hit.passage.document_id for hit in hits))
    places = [float(documents.index(id) + 1) for id in question.documents if id in documents]
    holding = (i for i, h in enumerate(hits, 1) if located.holds(h.passage.document_id, h.passage.start, h.passage.end))
    return min(places, default=MISSED), float(next(holding, MISSED))


def figures(found: Sequence[tuple[float, float]]) -> dict[str, float]:
    document, evidence = zip(*found, strict=True)
    return {
        f"{what}_recall_at_{k}": round(100 * recall_at(places, k), 2)
        for what, places in (("document", document), ("evidence", evidence))
        for k in (1, 5)
    }


def measured(
    bench: Bench, gold: GoldSet, index: Index, encoder: SentenceEncoder, limit: int
) -> tuple[list[dict[str, object]], list[str]]:
    questions = [one for one in gold.questions if one.answerable and one.evidence and not one.history]
    questions = sample(questions, limit)
    located = evidence_of(index, questions)
    shipped, typed = Retriever(index, encoder), Retriever(index, encoder)
    typed.names = AsTyped(index, encoder)
    rows: list[dict[str, object]] = []
    for what, change in changes(index).items():
        chance = random.Random(SEED)
        asked = [(one, change(one.question, chance)) for one in questions]
        if what in ("accents left out", "other form of a name"):
            asked = [(one, text) for one, text in asked if text != one.question]
        if not asked:
            continue
        before, after, touched = [], [], 0
        for one, text in asked:
            before.append(ranks(one, located[one.id], typed.retrieve(text, k=5)))
            if shipped.names.mended(text) == text and not shipped.names.named_in(text):
                after.append(before[-1])
            else:
                touched += 1
                after.append(ranks(one, located[one.id], shipped.retrieve(text, k=5)))
        row = {"set": bench.name, "asked": what, "questions": len(asked), "touched": touched}
        rows.append({**row, "without": figures(before), "shipped": figures(after)})
        print(bench.name, what, len(asked), touched, *(list(figures(one).values()) for one in (before, after)))
    asked = [(one.question, shipped.names.mended(one.question)) for one in gold.questions]
    return rows, [f"{question}\n    {mended}" for question, mended in asked if mended != question]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, metavar="N", help="only N questions of each set; nothing is written")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where to list what was mended")
    args = parser.parse_args()
    encoder = SentenceEncoder()
    rows, mended = [], []
    for bench in benches(None):
        gold = read_gold(bench.gold)
        with tempfile.TemporaryDirectory() as folder:
            index = index_of(bench, gold, Path(folder) / bench.name, encoder)
            found, changed = measured(bench, gold, index, encoder, args.limit or QUESTIONS)
            rows, mended = rows + found, mended + changed
    if args.report is not None:
        args.report.write_text("\n".join(mended) + "\n", encoding="utf-8")
    if args.limit is None:
        print(f"written to {write_results('names', {'seed': SEED, 'encoder_digest': encoder.digest, 'rows': rows})}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
