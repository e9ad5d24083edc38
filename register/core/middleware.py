"""What happens round every request."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from register.core.tracking import origin

Handler = Callable[[HttpRequest], HttpResponse]

# Nothing inline runs or styles, so no page needs a nonce. A picture may be in its own address: the square code of a
# second factor is.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    ]
)
# What browsers offer to pages and no page of ours asks for.
UNUSED = (
    "accelerometer",
    "autoplay",
    "bluetooth",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "web-share",
    "xr-spatial-tracking",
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",
    # Signed-in pages are nobody else's to keep. Static files come with a word of their own.
    "Cache-Control": "private, no-store",
}


class StrictHeaders:
    """What every answer says unless it says otherwise itself: pages, files, refusals and faults.

    The outermost but for what Django's own middleware sets (nosniff, referrer, HSTS, opener), so that an answer which
    comes from the middle of the chain has them too.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class RecordOrigin:
    """Changes made in a request are marked as coming from the web, or from administration."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with origin("admin" if request.path.startswith("/admin/") else "web"):
            return self.get_response(request)


class RefuseNul:
    """An address with a NUL in it was made by a program. No text of the database's can hold one, or be asked for it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("There is a NUL in the address.")
        return self.get_response(request)
