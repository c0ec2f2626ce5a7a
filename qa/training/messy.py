"""The made-up messy documents of `data/invented`: questions over them, as the product indexes, retrieves and reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from embeddings.clean import decode
from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.load import find_files, load_file
from qa.gold import GoldQuestion, read_gold
from qa.retrieve import Retriever
from qa.training.data import Example, from_gold

INVENTED = Path(__file__).parent / "data" / "invented"
ONE_IN = 4  # every fourth document is kept from training: the calibration is fitted on them


@dataclass(frozen=True, slots=True, kw_only=True)
class Messy:
    """An index of the documents, their decoded originals, and the questions apart for training and held out."""

    index: Index
    encoder: SentenceEncoder
    originals: dict[str, str]
    training: tuple[GoldQuestion, ...]
    held_out: tuple[GoldQuestion, ...]

    @staticmethod
    def open(folder: Path, data: Path = INVENTED) -> Messy:
        """Index the documents in `folder`."""
        encoder = SentenceEncoder()
        files = find_files(data / "documents")
        index = Index.build(folder, [load_file(file.path, file.id).document for file in files], encoder=encoder)
        kept = {file.id for file in files[::ONE_IN]}
        apart: dict[bool, list[GoldQuestion]] = {False: [], True: []}
        last = ""
        for question in read_gold(data / "gold.jsonl").questions:
            last = question.documents[0] if question.documents else last  # unanswerable ones follow their document's
            apart[last in kept].append(question)
        return Messy(
            index=index,
            encoder=encoder,
            originals={file.id: decode(file.path.read_bytes()).text for file in files},
            training=tuple(apart[False]),
            held_out=tuple(apart[True]),
        )

    def examples(self, negatives: int) -> list[Example]:
        """The training questions over the passages with their evidence, and over the best retrieved without."""
        retriever = Retriever(self.index, self.encoder)
        return list(from_gold(self.training, self.originals, self.index, retriever, negatives))
