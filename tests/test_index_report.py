"""What is said of an indexing when it is done."""

import json

from embeddings.changes import Failure, SourceReport
from embeddings.sync import SyncReport
from qa import index_report


def test_report_of_everything():
    report = SyncReport(
        sources=(
            SourceReport(
                source="/notes",
                added=("a", "b"),
                changed=("c",),
                unchanged=(),
                removed=("d",),
                failed=(Failure(id="e.pdf", message="is encrypted"),),
            ),
            SourceReport(source="mail", added=(), changed=(), unchanged=(), removed=(), failed=()),
        ),
        documents=1234,
        sections=5,
        passages=1,
        facts=0,
        repaired=1,
        left_out={"images": 7, "empty fields": 1},
        warnings=("a: page 3 has no text: scanned?",),
    )
    assert index_report.to_text(report) == (
        "1,234 documents, 5 sections, 1 passage, 0 facts in the index\n"
        "/notes: 2 new, 1 changed, 1 gone, 1 failed\n"
        "mail: nothing there\n"
        "repaired: 1 stretch of wrongly decoded text\n"
        "left out: empty fields (1), images (7)\n"
        "warning: a: page 3 has no text: scanned?\n"
        "failed: e.pdf: is encrypted\n"
    )
    found = json.loads(json.dumps(index_report.to_dict(report)))
    assert found["failed"] == [{"id": "e.pdf", "message": "is encrypted"}]
