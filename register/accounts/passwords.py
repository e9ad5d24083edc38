"""Which passwords are refused: too long, or guessed before long because they are made of what everybody knows.

After NCSC's password guidance and NIST SP 800-63B 5.1.1.2: length, and lists of common and of context words; no rules
about kinds of characters, no forced expiry.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from register.accounts.models import User

# Enough for any phrase or manager; more would only make the hasher work.
MOST_CHARACTERS = 128
# Letters that are left when the words everybody knows are taken out.
LEAST_OF_ONES_OWN = 4
SHORTEST_WORD = 4
OF_THE_REGISTER = (
    "register", "blue", "light", "collaboration", "initiative", "emergency", "service", "police", "constabulary",
    "fire", "rescue", "ambulance", "council", "password", "welcome", "letmein",
)  # fmt: skip
# How people write letters to please rules about kinds of characters, and how guessing programs read them back.
LETTERS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)


class NotTooLong:
    """At most 128 characters: a longer one is somebody else's text."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > MOST_CHARACTERS:
            raise ValidationError(f"Use {MOST_CHARACTERS} characters or fewer.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"Use {MOST_CHARACTERS} characters or fewer."


class NotCommonInDisguise(CommonPasswordValidator):
    """Not a common password with its letters exchanged or figures put behind, such as P@ssw0rd2026."""

    def validate(self, password: str, user: User | None = None) -> None:
        told = password.lower().strip()
        # A longer one is refused anyway, and would take the pattern long.
        bare = re.sub(r"[\W\d_]+$", "", told[:MOST_CHARACTERS])
        disguised = {bare, bare.translate(LETTERS), told.translate(LETTERS)}
        if disguised & self.passwords or len(set(told)) < LEAST_OF_ONES_OWN:
            raise ValidationError(
                "This is close to a password that many people use. Use three words that have nothing to do with each"
                " other.",
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return "Do not use a common password, or one with letters exchanged or figures added."


class NotOfContext:
    """More than the words that everybody who knows the register, the person or their organisation would try first."""

    def validate(self, password: str, user: User | None = None) -> None:
        told = rest = re.sub(r"[\W_]+", "", password.lower().translate(LETTERS))
        for word in sorted(self._words(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != told and len(re.sub(r"\d", "", rest)) < LEAST_OF_ONES_OWN:
            raise ValidationError(
                "This is made of words that others would try first: the register’s, your organisation’s, or your own"
                " name. Use three words that have nothing to do with each other.",
                code="password_of_context",
            )

    def get_help_text(self) -> str:
        return "Do not make it of your name, your organisation’s or the register’s."

    @staticmethod
    def _words(user: User | None) -> set[str]:
        texts = [*OF_THE_REGISTER]
        if user is not None:
            texts += [user.name, user.email.split("@")[0]]
            if user.pk:
                texts += user.roles.exclude(organisation=None).values_list("organisation__name", flat=True)
        parts = re.findall(r"[a-z]+", " ".join(texts).lower())
        return {part for part in parts if len(part) >= SHORTEST_WORD or part in OF_THE_REGISTER}
