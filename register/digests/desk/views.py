"""The secretary's desk: the next edition before it goes out, what to say above it, and who was sent the last ones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.clock import now
from register.core.errors import EditConflictError
from register.core.middleware import POLICY
from register.core.post import Fate
from register.digests.desk.forms import NoteForm
from register.digests.desk.previewing import MOST_SENT, email_of, may_send_again, preview, send_to_oneself
from register.digests.desk.sent import counts_of, deliveries_of, may_release, not_addressed, rows_of
from register.digests.making.notes import remove_covering_note, waiting_note, write_covering_note
from register.digests.models import Delivery, Edition, RefusedAddress
from register.digests.posting.refused import refused_of, try_address_again
from register.digests.sending.delivery import send_again
from register.digests.words import Counts, exact_window, opening, window
from register.groups.views.common import group_for, head
from register.initiatives.conflicts import conflict_page

ON_A_PAGE = 100
# The preview may show the email in a frame; the email, alone in it, may have the style that it carries, and opens
# its links beside the page. Neither may run anything.
FRAMING = f"{POLICY}; frame-src 'self'"
FRAMED = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@require_safe
def digest_preview(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/digest/preview/`: the next edition as it would be now, as a page and as an email."""
    group, at = group_for(request, code, Permission.MANAGE_GROUP), now()
    user: Any = request.user
    shown = preview(group, by=user, now=at)
    message = email_of(shown, to=user) if shown else None
    context = head(request, group, "group") | {
        "shown": shown,
        "at": at,
        "window": window(shown.edition) if shown else "",
        "opening": opening(Counts.of(shown.reading.counted)) if shown else "",
        "note": waiting_note(group),
        "subject": message.subject.removeprefix("Preview: ") if message else "",
        "text": message.body if message else "",
    }
    answer = render(request, "digests/preview.html", context)
    answer.headers["Content-Security-Policy"] = FRAMING
    return answer


@require_safe
@xframe_options_sameorigin
def digest_preview_email(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/digest/preview/email/`: the email alone, for the preview's frame."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    user: Any = request.user
    shown = preview(group, by=user, now=now())
    message = email_of(shown, to=user) if shown else None
    if message is None:
        raise Http404("There is nothing to send at present.")
    html = str(message.alternatives[0][0])
    answer = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    answer.headers["Content-Security-Policy"] = FRAMED
    return answer


@require_POST
def digest_preview_send(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/digest/preview/send/`: the email to the secretary's own address; of no edition, a few an hour."""
    group, at = group_for(request, code, Permission.MANAGE_GROUP), now()
    user: Any = request.user
    shown = preview(group, by=user, now=at)
    message = email_of(shown, to=user) if shown else None
    if message is None:
        messages.warning(request, "There is nothing to send: nothing has changed that you may see.")
    elif not may_send_again(user, now=at):
        messages.warning(
            request,
            f"You have sent yourself {MOST_SENT} previews in this hour. Wait a while, or look at it here.",
        )
    else:
        result = send_to_oneself(message)
        if result.fate is Fate.SENT:
            messages.success(request, "The preview is on its way to your own address, and to nobody else’s.")
        else:
            messages.error(request, f"The preview was not sent. {result.why} Try again later.")
    return redirect("group_digest_preview", code=group.code)


@require_http_methods(["GET", "HEAD", "POST"])
def digest_note(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/digest/note/`: what the secretary says above the next edition; POST saves or removes it."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    user: Any = request.user
    note = waiting_note(group)
    form = NoteForm(request.POST if request.method == "POST" else None, initial=NoteForm.initial_of(note))
    if request.method == "POST" and "find" not in request.POST:
        try:
            if "remove" in request.POST:
                return _remove(request, group)
            if form.is_valid():
                version = form.cleaned_data["version"] or 0
                text = form.cleaned_data["text"]
                write_covering_note(by=user, group=group, text=text, at=now(), version=version)
                messages.success(request, "The note is saved. It stands above the next digest.")
                return redirect("group_digest_preview", code=group.code)
        except EditConflictError as conflict:
            return conflict_page(
                request,
                form=form,
                theirs=NoteForm.initial_of(conflict.current),
                version=conflict.current.version,
                back_url=reverse("group_digest", args=[group.code]),
                back_label=group.name,
            )
        except ValidationError as error:
            form.add_error(None, error)
    context = head(request, group, "group") | {
        "form": form,
        "note": note,
        # Of the note that there is now: one that was meant for an edition that has gone is a new one from here on.
        "version": form["version"].value() if note else 0,
    }
    return render(request, "digests/note.html", context, status=422 if form.is_bound and form.errors else 200)


def _remove(request: HttpRequest, group: WorkingGroup) -> HttpResponse:
    told = request.POST.get("version", "")
    version = int(told) if told.isdecimal() else None
    user: Any = request.user
    if remove_covering_note(by=user, group=group, version=version):
        messages.success(request, "The note is removed. The next digest goes out without one.")
    else:
        messages.warning(request, "There is no note to remove: it has gone out, or somebody removed it.")
    return redirect("group_digest", code=group.code)


@require_safe
def digest_sent(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    """`/groups/<code>/digest/<edition>/sent/`: each member, and what became of their copy."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    edition = _edition(group, public_id)
    page = Paginator(deliveries_of(edition), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = rows_of(page.object_list)
    context = head(request, group, "group") | {
        "edition": edition,
        "window": exact_window(edition),
        "counts": counts_of(edition),
        "page": page,
        "rows": rows,
        "may_release": any(row.may_release for row in rows),
        "not_addressed": not_addressed(edition) if page.number == page.paginator.num_pages else [],
    }
    return render(request, "digests/sent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def digest_again(request: HttpRequest, code: str, public_id: UUID, pk: int) -> HttpResponse:
    """`/groups/<code>/digest/<edition>/sent/<delivery>/again/`: GET says what it means; POST lets it be tried again."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    edition = _edition(group, public_id)
    delivery = get_object_or_404(Delivery.objects.filter(edition=edition).select_related("user"), pk=pk)
    is_paused = refused_of([delivery.user]).get(delivery.user_id, 0) >= RefusedAddress.PAUSES
    if may_release(delivery) and request.method != "POST":
        context = head(request, group, "group") | {
            "edition": edition,
            "delivery": delivery,
            "is_paused": is_paused,
        }
        return render(request, "digests/again.html", context)
    user: Any = request.user
    if request.method == "POST" and is_paused and may_release(delivery):
        try_address_again(by=user, user=delivery.user, group=group)
    if request.method == "POST" and send_again(by=user, deliveries=Delivery.objects.filter(pk=pk), now=now()):
        messages.success(request, f"The digest will be sent to {delivery.user} within minutes.")
    else:
        messages.warning(
            request, f"Nothing is to be sent again to {delivery.user}: see below what became of it."
        )
    return redirect("group_digest_sent", code=group.code, public_id=public_id)


def _edition(group: WorkingGroup, public_id: UUID) -> Edition:
    return get_object_or_404(Edition.objects.built().filter(group=group), public_id=public_id)
