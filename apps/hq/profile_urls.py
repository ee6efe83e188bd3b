"""Where HQ writes on a member's page, and keeps tags and attributes."""

from django.urls import path

from apps.hq import attributes, profile, recruits

pages = [
    path("reports/recruits/", recruits.show, name="recruits"),
    path("reports/recruits/csv/", recruits.export, name="recruits_csv"),
    path("attributes/", attributes.index, name="attributes"),
    path("attributes/new/", attributes.new, name="attribute_new"),
    path("attributes/<int:pk>/", attributes.edit, name="attribute"),
    path("attributes/<int:pk>/move/", attributes.move, name="attribute_move"),
    path("members/<int:pk>/attributes/", attributes.answer, name="member_attributes"),
    path("members/<int:pk>/consents/", profile.consent, name="member_consent"),
    path("members/<int:pk>/notes/", profile.write, name="member_notes"),
    path("notes/<int:pk>/", profile.note, name="note"),
]
