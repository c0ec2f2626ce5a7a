"""Answers a question file as `qa batch` does, but by a script and slowly: something to kill."""

import sys
from pathlib import Path

from qa import batch
from qa.questions import read_questions
from tests.fakes import patient_answerer

if __name__ == "__main__":
    questions_file, output, seconds = sys.argv[1:]
    questions = read_questions(questions_file, max_characters=2000)
    batch.run(patient_answerer(seconds=float(seconds)), questions, Path(output), made_with={"version": "0"})
