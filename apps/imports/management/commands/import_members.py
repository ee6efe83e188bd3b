"""`manage.py import_members FILE`: take in a file of members."""

from apps.imports.command import ImportCommand


class Command(ImportCommand):
    """Take in a file of members; the same file again changes nothing."""

    help = "Take in members from a CSV or XLSX file."
    kind = "members"
