"""The pages of allauth that the register offers. The others are nowhere: no sign-up, no addresses to manage."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.urls import path, re_path

from register.accounts.adapters import views
from register.accounts.again import recently_signed_in as again

# allauth asks again for some of these only, and nobody whose one way in is a work account: it knows no way to ask them.

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", views.set_password, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", again(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", again(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", again(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        again(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        again(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("2fa/webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", again(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"
    ),
    path("2fa/webauthn/keys/<int:pk>/edit/", again(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", again(views.remove_passkey), name="mfa_remove_webauthn"),
    path("work/", again(social.connections), name="socialaccount_connections"),
    path("work/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("work/again/", views.work_account_again, name="work_account_again"),
    path("work/again/done/", views.work_account_done, name="work_account_done"),
    path("work/<slug:provider_id>/", views.work_account_login, name="openid_connect_login"),
    path("work/<slug:provider_id>/callback/", views.work_account_callback, name="openid_connect_callback"),
]
