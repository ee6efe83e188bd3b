"""The book of points: what a verb does to accounts, written in three statements.

A verb opens the book for its members, which locks their accounts in rising order, says
what happens, and closes it. However many members a batch has, closing it writes the
changed lots, the entries with their new lots, and the uses of lots in a statement each.
"""

from apps.loyalty.services.ledger.book import Book, Kind, expired_of
from apps.loyalty.services.ledger.entries import Cause, Lot

__all__ = ["Book", "Cause", "Kind", "Lot", "expired_of"]
