"""The documents of a window as HTML: what is searched, what can be removed, and what became of an upload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from embeddings.changes import Failure
from qa.answering import Listed
from qa.collections import SESSION
from qa.render import count
from qa.uploads import UploadLimits, allowed_endings
from qa.web.markup import button, words
from qa.web.shelf import Offered, Shelf

if TYPE_CHECKING:
    from embeddings.sync import SyncReport

SHOWN = 300  # documents of one group: more are searched, but listed only when they are looked for


def drop_zone(limits: UploadLimits) -> str:
    """Where files are dropped or chosen, with what may be said of them before."""
    endings = " ".join(limits.endings or allowed_endings())
    return (
        f'<div class="qa-drop" data-most="{limits.max_files}" data-largest="{limits.max_file_bytes}" '
        f'data-endings="{words(endings)}">'
        "<h2>Add documents of your own</h2><p>Drop files or a folder here, or "
        '<button type="button" class="qa-button">choose files</button> '
        '<button type="button" class="qa-button">choose a folder</button></p>'
        f'<p class="qa-note">{words(limits.in_words())} They stay on this machine and are deleted within an hour of '
        "closing the page, unless you keep them.</p>"
        '<input type="file" multiple hidden aria-label="Files"><input type="file" webkitdirectory hidden '
        'aria-label="A folder"><p class="qa-note" role="status"></p></div>'
    )


def document_list(documents: Sequence[Listed], shelf: Shelf, collections: Sequence[Offered], *, times: int = 0) -> str:
    """All documents in their groups, each to be searched or not; `collections` are those kept.

    Another number of `times` has the same list shown again, with its boxes as they are here.
    """
    own = [one for one in documents if one.id.startswith(f"{SESSION}:")]
    loaded = [one for one in documents if not one.id.startswith(shelf.prefixes)]
    searched = len(documents) - len(shelf.left_out & {one.id for one in documents})
    many = len(documents) > SHOWN or shelf.sought
    groups = [
        _group("Your uploads", own, shelf, remove=True),
        *(_kept(one, documents, shelf) for one in collections),
        _group("Loaded with the page", loaded, shelf),
    ]
    everything = "" if searched == len(documents) else button("everything", "Search all of them")
    none = "" if searched or not documents else "Choose one, or no question can be answered. "
    said = f"{searched} of {len(documents)} documents are searched. {none}{everything}"
    return (
        f'<div class="qa-documents" data-times="{times}"><p class="qa-count" role="status">{said}</p>'
        f"{_finder(shelf.sought) if many else ''}{''.join(groups)}</div>"
    )


def _finder(sought: str) -> str:
    return f'<label class="qa-find">Find a document <input type="search" value="{words(sought)}"></label>'


def _group(title: str, documents: Sequence[Listed], shelf: Shelf, *, remove: bool = False) -> str:
    if not documents:
        return ""
    return f"<section><h2>{words(title)}</h2>{_rows(documents, shelf, remove=remove)}</section>"


def _rows(documents: Sequence[Listed], shelf: Shelf, *, remove: bool) -> str:
    """Those of the documents that are looked for, as many as are listed."""
    sought = shelf.sought.casefold()
    found = [one for one in documents if sought in f"{one.title}\n{one.id}".casefold()] if sought else documents
    rows = "".join(_row(one, shelf, remove=remove) for one in found[:SHOWN])
    more = f'<p class="qa-note">And {len(found) - SHOWN:,} more.</p>' if len(found) > SHOWN else ""
    return f"<ul>{rows}</ul>{more}"


def _row(one: Listed, shelf: Shelf, *, remove: bool) -> str:
    id = one.id.partition(":")[2] if one.id.startswith(shelf.prefixes) else one.id
    away = button("remove", "Remove", title=f"Remove {id}", document=id) if remove else ""
    return (
        f"<li>{_checkbox('scope', one.title, checked=one.id not in shelf.left_out, id=one.id)}"
        f'<span class="qa-note">{words(id)}</span>{away}</li>'
    )


def _kept(one: Offered, documents: Sequence[Listed], shelf: Shelf) -> str:
    """A kept collection: searched or not, and its documents if it is."""
    name, title = one.name, f"Collection “{one.name}”"
    box = words(title) if one.unusable else _checkbox("search", title, checked=name in shelf.named, name=name)
    inside = [one for one in documents if one.id.startswith(f"{name}:")] if name in shelf.named else []
    sure = f"Delete the collection “{name}” and its files?"
    away = button("discard", "Delete", title=f"Delete the collection {name}", name=name, sure=sure)
    return (
        f'<section><h2>{box}<span class="qa-note">{words(one.unusable or count(one.documents, "document"))}</span>'
        f"{away}</h2>"
        f"{_rows(inside, shelf, remove=False) if inside else ''}</section>"
    )


def _checkbox(does: str, label: str, *, checked: bool, **data: str) -> str:
    carried = "".join(f' data-{name}="{words(value)}"' for name, value in data.items())
    on = " checked" if checked else ""
    return f'<label><input type="checkbox" data-does="{does}"{carried}{on}> {words(label)}</label>'


def upload_report(report: SyncReport) -> str:
    """What became of an upload: what was added, what was mended or left out, and what could not be read, and why."""
    (source,) = report.sources
    said = [*_told(report, len(source.added), len(source.changed))]
    return f'<div class="qa-report">{"".join(f"<p>{words(line)}</p>" for line in said)}{failures(source.failed)}</div>'


def failures(failed: Sequence[Failure]) -> str:
    """The files that were not added, each with why."""
    if not failed:
        return ""
    rows = "".join(f"<li><strong>{words(one.id)}</strong> {words(one.message)}</li>" for one in failed)
    return f'<p class="qa-error">Not added:</p><ul class="qa-failed">{rows}</ul>'


def _told(report: SyncReport, added: int, changed: int) -> Iterator[str]:
    if added or changed:
        done = [*([f"{added} added"] if added else []), *([f"{changed} replaced"] if changed else [])]
        yield f"{', '.join(done)}: your uploads hold {count(report.documents, 'document')} now."
    if report.repaired:
        yield f"Wrongly decoded text was mended in {report.repaired:,} places."
    if report.left_out:
        yield "Left out: " + ", ".join(f"{what} ({count:,})" for what, count in sorted(report.left_out.items())) + "."
    yield from report.warnings
