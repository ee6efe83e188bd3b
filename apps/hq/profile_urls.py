"""Where HQ writes on a member's page, and keeps tags and attributes."""

from django.urls import path

from apps.hq import profile

pages = [
    path("members/<int:pk>/consents/", profile.consent, name="member_consent"),
    path("members/<int:pk>/notes/", profile.write, name="member_notes"),
    path("notes/<int:pk>/", profile.note, name="note"),
]
