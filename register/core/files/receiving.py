"""Reading a file from a request into a temporary one, and no more of it than may be kept."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from register.core.files.accepting import MOST_BYTES

# A body beyond this is not read at all. One below it is, so that the form comes back with all that was typed.
MOST_OF_A_REQUEST = 5 * MOST_BYTES


class BoundedFile(TemporaryFileUploadHandler):
    """Counts all that comes and keeps what may be kept, so that whoever asks for `size` learns that it is too much."""

    def handle_raw_input(self, input_data: Any, meta: Any, content_length: int, *more: Any) -> None:
        if content_length > MOST_OF_A_REQUEST:
            raise RequestDataTooBig("The body of the request is larger than any form's.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= MOST_BYTES:
            self.file.write(raw_data)
