"""What is said to a mail server to hand it one message (RFC 5321), on a connection of `smtplib`.

`smtplib.SMTP.sendmail` waits for the answer to each command. Here those before the text go out in one breath where the
mail server takes them so (RFC 2920), and there is a word between the recipient and the text. It raises what `sendmail`
raises.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import suppress

GOES_ON, TAKEN, TAKEN_ELSEWHERE, HANGS_UP = 354, 250, 251, 421


def as_data(text: bytes) -> bytes:
    """Lines that begin with a point made safe, and the one that ends a text (RFC 5321, 4.5.2)."""
    safe = (b"\n" + text).replace(b"\n.", b"\n..")[1:]
    return safe.removesuffix(b"\r\n") + b"\r\n.\r\n"


class Handover:
    """One message to one recipient. `text_began`: from then on, only an answer tells what became of it."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self._is_said = False
        self.text_began = False

    def hand_over(
        self,
        sender: str,
        recipient: str,
        data: bytes,
        *,
        before_text: Callable[[], None],
        meanwhile: Callable[[], None] | None,
    ) -> None:
        """`data`: the text `as_data`. What `before_text` raises goes on its way, and the connection is closed.

        `meanwhile` is called while the mail server is busy with the text.
        """
        smtp = self._smtp
        smtp.ehlo_or_helo_if_needed()
        size = f" SIZE={len(data)}" if smtp.has_extn("size") else ""
        mail, rcpt = f"MAIL FROM:{smtplib.quoteaddr(sender)}{size}", f"RCPT TO:{smtplib.quoteaddr(recipient)}"
        if smtp.has_extn("pipelining"):
            self._say(mail, rcpt, "DATA")
            self._is_said = True
        code, said = self._ask(mail)
        if code != TAKEN:
            self._stop(code, unanswered=2)
            raise smtplib.SMTPSenderRefused(code, said, sender)
        code, said = self._ask(rcpt)
        if code not in (TAKEN, TAKEN_ELSEWHERE):
            self._stop(code, unanswered=1)
            raise smtplib.SMTPRecipientsRefused({recipient: (code, said)})
        if not self._is_said:
            self._say("DATA")
        try:
            before_text()  # while the mail server gets ready for the text
        except BaseException:
            smtp.close()  # it waits for a text by now: to take leave politely would be the text
            raise
        self._hand_over_text(data, meanwhile)

    def _hand_over_text(self, data: bytes, meanwhile: Callable[[], None] | None) -> None:
        code, said = self._smtp.getreply()
        if code == GOES_ON:
            self.text_began = True
            self._smtp.send(data)
            if meanwhile:
                meanwhile()
            code, said = self._smtp.getreply()
        if code != TAKEN:
            self._stop(code)
            raise smtplib.SMTPDataError(code, said)

    def _ask(self, command: str) -> tuple[int, bytes]:
        if not self._is_said:
            self._say(command)
        return self._smtp.getreply()

    def _say(self, *commands: str) -> None:
        if any("\r" in command or "\n" in command for command in commands):
            raise ValueError("An address with a line break in it")
        self._smtp.send("".join(f"{command}\r\n" for command in commands))

    def _stop(self, code: int, unanswered: int = 0) -> None:
        """Leave this message, so that the next can be handed over; `unanswered`: what was said before this answer."""
        if code == HANGS_UP:
            self._smtp.close()
            return
        with suppress(smtplib.SMTPServerDisconnected):  # it has said why; the next message finds out
            for _ in range(unanswered if self._is_said else 0):
                code, _said = self._smtp.getreply()
            if code == GOES_ON:
                # It would take a text for nobody (RFC 2920, 3.1): an empty one.
                self._smtp.send(b".\r\n")
                self._smtp.getreply()
            self._smtp.rset()
