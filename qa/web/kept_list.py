"""The list of kept conversations as HTML; kept_list.js tells the server what is clicked in it."""

from __future__ import annotations

from datetime import UTC

from qa.render import count
from qa.web.kept import LONGEST_NAME, Found, Head
from qa.web.markup import button, words

FORMS = {"markdown": "Markdown", "json": "JSON", "html": "HTML"}  # what a conversation can be exported as

_NOTHING = "Nothing is kept yet. Ask something, and the conversation is kept in this browser."


def kept_list(found: Found, *, open_here: str | None = None, works: bool = True) -> str:
    """The kept conversations, each to be opened, renamed, exported and deleted; `open_here` is open in this window."""
    rows = "".join(_row(head, here=head.id == open_here) for head in found.heads)
    if not works:
        body = '<p class="qa-note">This browser lets the page keep nothing.</p>'
    elif not rows:
        body = f'<p class="qa-note">{_NOTHING}</p>'
    else:
        body = f'<ul class="qa-kept-list">{rows}</ul>{_all(len(found.heads))}'
    notes = "".join(f'<p class="qa-note" role="status">{words(note)}</p>' for note in unread(found))
    return (
        '<section class="qa-kept" aria-label="Kept conversations"><header><h2 tabindex="-1">Conversations</h2>'
        '<p class="qa-note">They are kept in this browser only. An export can be checked with '
        "<code>qa verify</code>.</p></header>"
        f"{notes}{body}</section>"
    )


def unread(found: Found) -> list[str]:
    """What is to be said of the conversations that are not in the list."""
    damaged, foreign = len(found.damaged), found.foreign
    return [
        *([f"{count(damaged, 'kept conversation')} could not be read any more, and had to go."] if damaged else []),
        *(
            [f"{count(foreign, 'conversation')} kept by another version of this page; left as it is."]
            if foreign
            else []
        ),
    ]


def _row(head: Head, *, here: bool) -> str:
    when = head.updated.astimezone(UTC)
    told = f"{count(head.questions, 'question')} · "
    told += f'<time datetime="{when.isoformat()}">{when.day} {when:%B %Y at %H:%M} UTC</time>'
    rename, delete = f"qa-rename-{head.id}", f"qa-delete-{head.id}"
    changes = _unfolds("Rename", rename, head.name) + _unfolds("Delete", delete, head.name)
    exports = "".join(
        button("export", name, title=f"Export as {name}", id=head.id, form=form) for form, name in FORMS.items()
    )
    field = (
        f'<label>Name <input name="name" value="{words(head.name)}" maxlength="{LONGEST_NAME}" required '
        'autocomplete="off"></label>'
    )
    return (
        f'<li{_CURRENT if here else ""}><div class="qa-kept-row"><div>'
        f"{button('open', head.name, css='qa-link qa-kept-name', id=head.id)}"
        f'<p class="qa-note">{told}{" · open now" if here else ""}</p></div>'
        f'<div class="qa-actions"><span role="group" aria-label="Export {words(head.name)}">{exports}</span>'
        f"<span>{changes}</span></div></div>"
        + _form("rename", rename, field, "Save", id=head.id)
        + _form("remove", delete, "<p>Delete this conversation? It cannot be brought back.</p>", "Delete", id=head.id)
        + "</li>"
    )


def _all(count: int) -> str:
    which = "the conversation" if count == 1 else f"all {count} conversations"
    return (
        f'<div class="qa-kept-all">{_unfolds("Delete all", "qa-delete-all")}'
        + _form("clear", "qa-delete-all", f"<p>Delete {which}? This cannot be undone.</p>", "Delete all")
        + "</div>"
    )


_CURRENT = ' aria-current="true"'


def _unfolds(label: str, form: str, name: str = "") -> str:
    """A button that shows a form; for those who don't see in which row it stands, it names the conversation."""
    full = f' aria-label="{label}: {words(name)}"' if name else ""
    return (
        f'<button type="button" class="qa-button" aria-expanded="false" aria-controls="{form}"{full}>{label}</button>'
    )


def _form(does: str, name: str, asks: str, label: str, **data: object) -> str:
    carried = "".join(f' data-{key}="{words(str(value))}"' for key, value in data.items())
    return (
        f'<form id="{name}" class="qa-kept-form" data-does="{does}"{carried} hidden>{asks}'
        f'<button type="submit" class="qa-button qa-chosen">{label}</button>'
        '<button type="reset" class="qa-button">Cancel</button></form>'
    )
