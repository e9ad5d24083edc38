"""The register's addresses, and the baseline page. Only the bench mounts this."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.http import require_safe

from bluelight.urls import handler400, handler403, handler404, handler500
from bluelight.urls import urlpatterns as register_urls
from register.initiatives.models import Initiative

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

TEMPLATE = engines["django"].from_string(
    Path(__file__).with_name("baseline.html").read_text(encoding="utf-8")
)


@require_safe
def baseline(request: HttpRequest, number: int) -> HttpResponse:
    """One query, 25 rows, one plain template."""
    rows = Initiative.objects.filter(number__gte=number).order_by("number")[:25]
    return HttpResponse(TEMPLATE.render({"rows": rows}, request))


urlpatterns = [path("bench/baseline/<int:number>/", baseline, name="bench_baseline"), *register_urls]
