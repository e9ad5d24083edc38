"""Organisations, police areas and areas of work in Django's administration, through the same write doors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.widgets import AdminDateWidget, FilteredSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from register.core.clock import today
from register.core.errors import EditConflictError
from register.reference.models import AreaOfWork, Organisation, PoliceArea, Succession
from register.reference.services import (
    CORRECTABLE,
    add_area_of_work,
    add_organisation,
    correct_organisation,
    end_organisation,
    merge_areas_of_work,
    merge_organisations,
    rename_area_of_work,
    rename_organisation,
    retire_area_of_work,
    set_coverage,
)


class ThroughDoors(admin.ModelAdmin):
    """What a write door refuses is said on the page, nothing is saved by half, nothing is ever deleted."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (ValidationError, EditConflictError) as error:
            return self._refused(request, error)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changelist_view(request, *args, **kwargs)
        except (ValidationError, EditConflictError) as error:
            return self._refused(request, error)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _refused(self, request: HttpRequest, error: Exception) -> HttpResponse:
        said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        self.message_user(request, f"{said} Nothing was saved.", messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())


class OrganisationForm(forms.ModelForm):
    """One form for what may be true: the register was wrong, it has a new name, or it has ended."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    police_areas = forms.ModelMultipleChoiceField(
        PoliceArea.objects.all(), required=False, widget=FilteredSelectMultiple("police areas", False)
    )
    what_happened = forms.ChoiceField(
        choices=[
            ("correct", "The register was wrong, or had not been checked"),
            ("rename", "It has a new name: keep the old one as a former name"),
            ("end", "It has ended"),
        ],
        initial="correct",
        widget=forms.RadioSelect,
        required=False,
    )
    happened_on = forms.DateField(
        required=False, widget=AdminDateWidget, help_text="The first day of the new name, or without it."
    )
    successors = forms.ModelMultipleChoiceField(
        Organisation.objects.all(), required=False, widget=FilteredSelectMultiple("successors", False)
    )
    succession = forms.ChoiceField(
        choices=Succession.Kind.choices,
        initial=Succession.Kind.REPLACED,
        required=False,
        label="In which way",
    )
    reason = forms.CharField(required=False, max_length=300, help_text="Kept in the history.")

    class Meta:
        model = Organisation
        fields = ["name", "code", *sorted(CORRECTABLE - {"name"})]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
            self.fields["police_areas"].initial = self.instance.areas.all()
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = "For ever. Left empty, it is made from the name."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("what_happened") == "end" and not cleaned.get("happened_on"):
            self.add_error("happened_on", "Give the first day without it.")
        return cleaned

    def _post_clean(self) -> None:
        # The door makes a code from the name when none is given, and needs none to be checked here.
        if not self.instance.pk and not self.cleaned_data.get("code"):
            self._validate_unique = False
            self.instance.code = "to-be-made"
            self.cleaned_data.pop("code", None)
        super()._post_clean()  # type: ignore[misc]


@admin.register(Organisation)
class OrganisationAdmin(ThroughDoors):
    form = OrganisationForm
    list_display = ["name", "kind", "code", "starts_on", "ends_on", "not_verified"]
    list_filter = ["kind", "nation", "is_fictional"]
    search_fields = ["name", "short_name", "code", "other_names__name", "official_code"]
    list_per_page = 50
    actions = ["merge"]

    class MergeForm(ActionForm):
        into = forms.CharField(required=False, label="Merge into (code)")
        on = forms.DateField(required=False, widget=AdminDateWidget, label="on")

    action_form = MergeForm

    @admin.display(description="not verified")
    def not_verified(self, organisation: Organisation) -> str:
        return ", ".join(organisation.unverified)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        about = ["name", "code", "short_name", "kind", "governance", "nation", "official_code", "note"]
        dates = [("starts_on", "starts_precision"), ("ends_on", "ends_precision")]
        happened = ["what_happened", "happened_on", "successors", "succession"] if obj else []
        return [
            (None, {"fields": [*about, *dates, "police_areas"]}),
            ("What happened", {"fields": [*happened, "reason", "version"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        given, by = form.cleaned_data, request.user
        fields = {name: given[name] for name in form.changed_data if name in CORRECTABLE}
        if not change:
            fields = {name: given[name] for name in CORRECTABLE if name in given}
            code = given.get("code") or ""
            added = add_organisation(
                by=by, code=code, areas=given["police_areas"], reason=given["reason"], **fields
            )
            obj.pk, obj.code = added.pk, added.code
            return
        told = {"by": by, "organisation": obj, "reason": given["reason"]}
        version: int | None = given["version"]
        if given["what_happened"] == "rename" and "name" in fields:
            renamed = rename_organisation(
                name=fields.pop("name"), on=given["happened_on"], version=version, **told
            )
            version = renamed.version
        if fields:
            version = correct_organisation(version=version, **fields, **told).version
        if "police_areas" in form.changed_data:
            version = set_coverage(areas=given["police_areas"], **told).version
        if given["what_happened"] == "end":
            end_organisation(
                on=given["happened_on"],
                successors=list(given["successors"]),
                kind=given["succession"],
                version=version,
                **told,
            )

    @admin.action(description="Merge into another, which goes on")
    def merge(self, request: HttpRequest, queryset: QuerySet[Organisation]) -> None:
        form = self.MergeForm(request.POST)
        form.fields.pop("action")  # it has been looked up by the time this runs
        form.full_clean()
        into = Organisation.objects.filter(code=form.cleaned_data.get("into") or "").first()
        on = form.cleaned_data.get("on")
        if into is None or on is None:
            raise ValidationError("Give the code of the organisation to merge into, and the day.")
        merge_organisations(by=request.user, organisations=list(queryset), into=into, on=on)
        self.message_user(request, f"{len(queryset)} merged into {into}.", messages.SUCCESS)


@admin.register(AreaOfWork)
class AreaOfWorkAdmin(ThroughDoors):
    list_display = ["name", "code", "position", "retired_on", "merged_into"]
    fields = ["name", "code", "description", "position"]
    actions = ["retire", "merge"]

    class MergeForm(ActionForm):
        into = forms.ModelChoiceField(AreaOfWork.objects.active(), required=False, label="Merge into")

    action_form = MergeForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def save_model(self, request: HttpRequest, obj: AreaOfWork, form: Any, change: bool) -> None:
        if change:
            rename_area_of_work(by=request.user, area=obj, version=obj.version, **form.cleaned_data)
        else:
            obj.pk = add_area_of_work(by=request.user, **form.cleaned_data).pk

    @admin.action(description="Retire: no new record can be given it")
    def retire(self, request: HttpRequest, queryset: QuerySet[AreaOfWork]) -> None:
        for area in queryset:
            retire_area_of_work(by=request.user, area=area, on=today())
        self.message_user(request, f"{len(queryset)} retired.", messages.SUCCESS)

    @admin.action(description="Merge into another")
    def merge(self, request: HttpRequest, queryset: QuerySet[AreaOfWork]) -> None:
        into = AreaOfWork.objects.active().filter(pk=request.POST.get("into") or 0).first()
        if into is None:
            raise ValidationError("Choose the area of work to merge into.")
        merge_areas_of_work(by=request.user, areas=list(queryset), into=into, on=today())
        self.message_user(request, f"{len(queryset)} merged into {into}.", messages.SUCCESS)


@admin.register(PoliceArea)
class PoliceAreaAdmin(ThroughDoors):
    """To look at only: police areas change with the tables."""

    list_display = ["name", "code", "region", "code3", "retired_on"]
    list_filter = ["region"]
    search_fields = ["name", "code"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
