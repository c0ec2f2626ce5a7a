"""The sample documents, for whoever has none of their own at hand."""

from pathlib import Path

DOCUMENTS = Path(__file__).parent / "documents"
