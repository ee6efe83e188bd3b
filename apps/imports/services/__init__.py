"""The verbs of imports: upload, map, try, take, cancel."""

from apps.imports.services.advance import BATCH, advance
from apps.imports.services.jobs import cancel, check, map_columns, start, upload
from apps.imports.services.keeping import forget

__all__ = [
    "BATCH",
    "advance",
    "cancel",
    "check",
    "forget",
    "map_columns",
    "start",
    "upload",
]
