"""Taking initiatives out of the register, and who did."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from register.accounts.again import ask_again, recently_signed_in
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.catalogue.filters import list_url
from register.catalogue.words import in_words
from register.core.clock import today
from register.core.noted import Noted
from register.core.tracking import note
from register.history.filters import of_ledger
from register.transfer import as_csv, as_json, as_xlsx
from register.transfer.asking import EVERYTHING, KEPT, SHOWN, WHAT, Asked, read
from register.transfer.contents import File, prepare
from register.transfer.ledger import ledger_file
from register.transfer.models import Export
from register.transfer.parts import PARTS
from register.transfer.services import record_export

MOST_SHOWN = 200


@require_safe
def initiative_export(request: HttpRequest) -> HttpResponseBase:
    """`/initiatives/export/`: a form; with `format`, the file. With anything wrong nothing, and what it is."""
    on = today()
    asked = read(request.GET, user=request.user, on=on)
    if asked.errors or not asked.format or request.method == "HEAD":
        return _form(request, asked)
    if asked.is_of_most(request.user):
        ask_again(request)
    file = prepare(asked, on=on)
    export = record_export(
        by=request.user,
        what=file.what,
        format=asked.format,
        parameters=asked.parameters,
        rows=file.number,
        marking=file.marking,
    )
    if file.sensitive:
        told = {"export": export.pk, "initiatives": list(file.sensitive)}
        note(Noted.OPENED_SENSITIVE, by=request.user, object_id=export.pk, detail=told)
    return _answer(file, asked.format)


def _answer(file: File, format: str) -> HttpResponseBase:
    name = file.name(format)
    if format == Export.Format.XLSX:
        return FileResponse(
            as_xlsx.write(file), as_attachment=True, filename=name, content_type=as_xlsx.CONTENT_TYPE
        )
    writer = as_csv if format == Export.Format.CSV else as_json
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(writer.write(file), content_type=writer.CONTENT_TYPE, headers=headers)


def _form(request: HttpRequest, asked: Asked) -> HttpResponse:
    filters = {name: values for name, values in asked.parameters.items() if name not in KEPT}
    number = 0 if asked.errors else asked.selection.initiatives.count()
    context = {
        "errors": asked.errors,
        "number": f"{number:,} initiative{'' if number == 1 else 's'}.",
        "in_words": in_words(asked.selection, filters) if filters else "",
        "kept": [(name, value) for name, values in asked.parameters.items() for value in values],
        "columns": asked.columns,
        "what": asked.what,
        "whats": [(SHOWN, WHAT[SHOWN]), (EVERYTHING, WHAT[EVERYTHING])],
        "parts": list(PARTS.values()),
        "formats": Export.Format.choices,
        "list_url": list_url(asked.parameters),
    }
    return render(request, "transfer/export.html", context, status=400 if asked.errors else 200)


@require_GET
@recently_signed_in
def ledger_export(request: HttpRequest) -> HttpResponseBase:
    """`/history/ledger/export/`: what a search of the ledger finds as a file; the ledger notes who took it."""
    require(request.user, Permission.AUDIT)
    asked = of_ledger(request.GET, request.user)
    format = request.GET.get("format")
    if format not in (Export.Format.CSV, Export.Format.XLSX) or not asked.form.is_valid():
        raise BadRequest("Choose CSV or Excel on the page that searches the ledger.")
    file = ledger_file(asked.changes, by=request.user, on=today())
    # What was typed may be a name, which the ledger does not hold.
    codes = {name: value for name, value in asked.in_use.items() if name not in ("who", "reason")}
    note(
        Noted.EXPORTED_LEDGER,
        by=request.user,
        detail={"format": format, "rows": file.number, "by": sorted(asked.in_use), **codes},
    )
    return _answer(file, format)


@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    """`/exports/`: what one has taken out of the register; what everybody has, for administrators and auditors."""
    exports = Export.objects.visible_to(request.user).select_related("by")[:MOST_SHOWN]
    context = {
        "rows": [
            (export, WHAT.get(export.what, export.what), f"{export.rows:,}", _same(export))
            for export in exports
        ],
        "of_everybody": request.user.holdings.sees_everything,
        "most": MOST_SHOWN,
    }
    return render(request, "transfer/exports.html", context)


def _same(export: Export) -> str:
    """The list of what an export was asked for, as it is today."""
    return list_url({name: values for name, values in export.parameters.items() if name != "cols"})
