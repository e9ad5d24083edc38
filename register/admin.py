"""Django's administration, from each capability that offers any."""

from django.contrib import admin

from register.accounts import admin as accounts_admin
from register.digests import admin as digests_admin
from register.reference import admin as reference_admin

__all__ = ["accounts_admin", "digests_admin", "reference_admin"]

admin.site.site_header = admin.site.site_title = "Register of blue light collaboration"
admin.site.index_title = "Administration"
