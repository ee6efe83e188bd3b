"""`manage.py import_stock FILE`: take in a file of stock."""

from apps.imports.command import ImportCommand


class Command(ImportCommand):
    """Take in a file of stock; the same file again changes nothing."""

    help = "Take in stock from a CSV or XLSX file."
    kind = "stock"
