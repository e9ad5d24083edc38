"""Addresses of moving one's own account to another email address."""

from django.urls import path

from register.accounts.address import views

urlpatterns = [
    path("account/address/", views.own_address, name="own_address"),
    path("account/address/<str:token>/", views.own_address_confirm, name="own_address_confirm"),
]
