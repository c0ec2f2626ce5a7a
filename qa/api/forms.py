"""What programs send, checked: the bodies of requests and the turns of a conversation."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from qa.chat import Question, Turn
from qa.questions import history_of

Glob = Annotated[str, Field(min_length=1, max_length=1000)]


def _whole(value: object) -> object:
    """JSON has one sort of number: 5.0 is the integer 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


TopK = Annotated[int, Field(ge=1, le=100, description="Passages read for a question."), BeforeValidator(_whole)]
Threshold = Annotated[
    float, Field(ge=0, le=1, allow_inf_nan=False, description="The confidence from which on an answer is given.")
]
Documents = Annotated[
    list[Glob],
    Field(max_length=100, description="Ask only these: ids of documents, or globs (`*` goes over `/` too)."),
]


class Said(BaseModel):
    """A turn of the conversation so far. A reply as it was returned is one."""

    model_config = ConfigDict(extra="ignore", strict=True)

    question: str = Field(max_length=10_000, description="What was asked.")
    answer: str | None = Field(None, max_length=100_000, description="The words of the answer; null: it was refused.")
    asked: str | None = Field(None, max_length=10_000, description="The question as it was made whole.")
    document: str | None = Field(None, max_length=1000, description="The id of the cited document.")
    citation: dict[str, Any] | None = Field(None, description="The citation of a reply; its document counts.")


History = Annotated[list[Said], Field(max_length=100, description="The conversation so far, oldest turn first.")]


def turns(history: list[Said]) -> tuple[Turn, ...]:
    """The turns as a question holds them. Raises ValueError for a citation that is none."""
    return history_of([said.model_dump() for said in history])


class Ask(BaseModel):
    """One question or several, and what holds for all of them."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "oneOf": [
                {"required": ["question"], "properties": {"question": {"type": "string"}}},
                {"required": ["questions"], "properties": {"questions": {"type": "array"}}},
            ],
            "examples": [
                {"question": "When was the battle of Elakla fought?"},
                {
                    "question": "When was it launched?",
                    "history": [{"question": "What replaced Operation Serval?", "answer": "Operation Barkhane"}],
                },
                {
                    "questions": ["Who led the 92nd Infantry Regiment?", "How many soldiers will France keep in Mali?"],
                    "documents": ["00*.txt"],
                    "top_k": 20,
                    "threshold": 0.5,
                },
            ],
        },
    )

    question: str = Field("", description="The question; its reply has the id `1`.")
    questions: list[str] = Field(
        [], min_length=1, description="Several questions; their replies have the ids `1`, `2` ..."
    )
    history: History = []
    documents: Documents = []
    top_k: TopK | None = None
    threshold: Threshold | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Ask:
        if ("question" in self.model_fields_set) == ("questions" in self.model_fields_set):
            raise ValueError("give either question or questions")
        turns(self.history)
        return self

    def asked(self) -> list[Question]:
        """The questions, called by their number."""
        texts = self.questions or [self.question]
        history = turns(self.history)
        return [
            Question(id=str(number), text=text, history=history, documents=tuple(self.documents))
            for number, text in enumerate(texts, 1)
        ]
