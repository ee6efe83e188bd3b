"""`manage.py import_products FILE`: take in a file of products."""

from apps.imports.command import ImportCommand


class Command(ImportCommand):
    """Take in a file of products; the same file again changes nothing."""

    help = "Take in products from a CSV or XLSX file."
    kind = "products"
