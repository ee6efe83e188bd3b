"""`manage.py import_orders FILE`: take in a file of orders."""

from apps.imports.command import ImportCommand


class Command(ImportCommand):
    """Take in a file of orders; the same file again changes nothing."""

    help = "Take in orders from a CSV or XLSX file."
    kind = "orders"
