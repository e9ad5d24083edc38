"""The guards that are taken out in turn, and the tests that are to notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`guard` stands in `file` exactly once. `tests` are as few as tell."""

    name: str
    file: str
    guard: str
    without: str
    tests: tuple[str, ...]


VISIBILITY = ("tests/initiatives/test_visibility.py",)
MUTANTS = (
    Mutant(
        "visible_to of records",
        "register/initiatives/querysets.py",
        "        return self.kept().open_to(user)\n",
        "        return self.kept()\n",
        VISIBILITY,
    ),
    Mutant(
        "visible_to of the list",
        "register/catalogue/parameters.py",
        "Initiative.objects.visible_to(self.reader)",
        "Initiative.objects.kept()",
        ("tests/catalogue/test_list.py", "tests/catalogue/test_filters.py", "tests/pages/test_hidden.py"),
    ),
    Mutant(
        "visible_to of saved views",
        "register/catalogue/saved_views.py",
        "        SavedView.objects.visible_to(user)\n",
        "        SavedView.objects.all()\n",
        ("tests/catalogue/test_saved_views.py",),
    ),
    Mutant(
        "what a record said while it was closed",
        "register/history/past.py",
        "        found = [state.audience for state in states if not self._is_open(root, state.audience)]\n",
        "        found: list[str] = []\n",
        ("tests/history/test_past.py",),
    ),
    Mutant(
        "the question whether one may see a record",
        "register/initiatives/views/common.py",
        "    if initiative is None or not has_permission(user, Permission.OPEN, initiative):\n",
        "    if initiative is None:\n",
        ("tests/initiatives/test_files.py", "tests/security/test_idor.py"),
    ),
    Mutant(
        "the question whether one may change a record",
        "register/initiatives/views/common.py",
        "    require(user, Permission.EDIT, initiative)\n",
        "",
        ("tests/initiatives/test_sections.py", "tests/security/test_idor.py"),
    ),
    Mutant(
        "the last administrator",
        "register/accounts/services.py",
        '        raise ValidationError("This is the last administrator. Make somebody else one first.")\n',
        "        pass\n",
        ("tests/accounts/test_roles.py",),
    ),
    Mutant(
        "csrf check",
        "bluelight/settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        ("tests/house/test_headers.py",),
    ),
    Mutant(
        "sign-in asked of every page",
        "bluelight/settings.py",
        '    "django.contrib.auth.middleware.LoginRequiredMiddleware",\n',
        "",
        ("tests/house/test_addresses.py",),
    ),
    Mutant(
        "escape of an organisation's name",
        "register/templatetags/look.py",
        '    return format_html("<li>{}<span>{}{}</span></li>", mark(service), name, said)\n',
        '    return mark_safe(f"<li>{mark(service)}<span>{name}{said}</span></li>")\n',
        ("tests/security/test_xss.py",),
    ),
    Mutant(
        "escape in an email",
        "register/digests/writing/pieces.py",
        "    return pieces_of(inliner.inline(render_to_string(template)), escape)\n",
        "    return pieces_of(inliner.inline(render_to_string(template)), str)\n",
        ("tests/digests/test_message.py",),
    ),
    Mutant(
        "export guard against formulas",
        "register/transfer/as_csv.py",
        """    return f"CASE WHEN ascii(ltrim({text}, '''')) IN ({codes}) THEN '''' || {text} ELSE {text} END"\n""",
        "    return text\n",
        ("tests/transfer/test_formats.py",),
    ),
    Mutant(
        "header guard of emails",
        "register/core/mime.py",
        '    if "\\n" in value or "\\r" in value:\n',
        "    if False:\n",
        ("tests/core/test_mime.py",),
    ),
    Mutant(
        "signature of the way out of an email",
        "register/digests/choosing/unsubscribing.py",
        "signing.loads(token, salt=SALT)",
        'signing.JSONSerializer().loads(signing.b64_decode(token.split(":")[0].encode()))',
        ("tests/security/test_tokens.py",),
    ),
    Mutant(
        "signature of an invitation",
        "register/accounts/joining/links.py",
        "signing.loads(token, salt=salt)",
        'signing.JSONSerializer().loads(signing.b64_decode(token.split(":")[0].encode()))',
        ("tests/accounts/test_invitations.py",),
    ),
    Mutant(
        "strict headers",
        "bluelight/settings.py",
        '    "register.core.middleware.StrictHeaders",\n',
        "",
        ("tests/house/test_headers.py",),
    ),
    Mutant(
        "nosniff",
        "bluelight/settings.py",
        '    "django.middleware.security.SecurityMiddleware",\n',
        "",
        ("tests/house/test_headers.py",),
    ),
    Mutant(
        "content of uploads",
        "register/core/files/accepting.py",
        "        KINDS[ending](file)\n",
        "        pass\n",
        ("tests/core/test_files.py",),
    ),
    Mutant(
        "lines of the log",
        "register/core/logs.py",
        "        return _shown(super().formatMessage(record))\n",
        "        return super().formatMessage(record)\n",
        ("tests/core/test_logs.py",),
    ),
    Mutant(
        "the ledger's seal",
        "register/history/proof.py",
        "        if _hash_of(seal, digest.hexdigest()) != seal.hash:\n",
        "        if False:\n",
        ("tests/history/test_proof.py",),
    ),
    Mutant(
        "end of an idle session",
        "bluelight/settings.py",
        '    "register.accounts.sessions.SessionLimits",\n',
        "",
        ("tests/accounts/test_sessions.py",),
    ),
    Mutant(
        "rate limit of wrong passwords",
        "bluelight/settings.py",
        """    "login_failed": f"50/{SIGN_IN_WAIT}s/ip,5/{SIGN_IN_WAIT}s/key",\n""",
        """    "login_failed": f"5000/{SIGN_IN_WAIT}s/ip,5000/{SIGN_IN_WAIT}s/key",\n""",
        ("tests/accounts/test_limits.py",),
    ),
    Mutant(
        "step-up before an invitation",
        "register/accounts/joining/views/invitations.py",
        "        ask_again(request)\n",
        "",
        ("tests/accounts/test_again_power.py",),
    ),
    Mutant(
        "step-up before another way in",
        "register/accounts/adapters/urls.py",
        "again(totp.activate_totp)",
        "totp.activate_totp",
        ("tests/accounts/test_again_ways.py",),
    ),
    Mutant(
        "what waited is done for its own address only",
        "register/accounts/adapters/again.py",
        '    if going != kept["address"]:  # proved for something else\n',
        "    if False:\n",
        ("tests/accounts/test_again_power.py",),
    ),
    Mutant(
        "whose the link of a new address is",
        "register/accounts/address/services.py",
        "whose == user.public_id.hex and constant_time_compare(proof, _proof(user))",
        "True",
        ("tests/accounts/test_address.py",),
    ),
    Mutant(
        "encryption of second factors",
        "register/accounts/adapters/mfa.py",
        "        return cipher(SALT).encrypt(text.encode()).decode()\n\n    def decrypt",
        "        return text\n\n    def decrypt",
        ("tests/accounts/test_factors_at_rest.py",),
    ),
    Mutant(
        "who is kept out stays out",
        "register/accounts/joining/services.py",
        "    elif user.is_kept_out:\n",
        "    elif False:\n",
        ("tests/accounts/test_let_go.py",),
    ),
    Mutant(
        "a refused form is kept for who was here before",
        "register/accounts/kept_form.py",
        "    is_the_same = request.session.get(CAME_BACK) is True\n",
        "    is_the_same = True\n",
        ("tests/accounts/test_kept_form.py",),
    ),
)
