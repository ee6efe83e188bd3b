"""The face of a salesperson as LINE wants it beside a message: a square PNG."""

from __future__ import annotations

import functools
import io

from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from PIL import Image, ImageOps

from apps.staff.access import open_to_all
from apps.staff.models import Staff
from apps.ui.pictures import face_picture

SIDE = 320  # a PNG of a photograph this large stays far below LINE's 1 MB


@open_to_all
@require_safe
@cache_control(public=True, max_age=86_400)
def face(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the photograph, cut to a square, or the portrait drawn for the person."""
    person = get_object_or_404(Staff.objects.only("photo"), pk=pk)
    picture = photograph(person.photo.name) if person.photo else portrait(pk)
    return HttpResponse(picture, content_type="image/png")


@functools.lru_cache(maxsize=256)
def photograph(name: str) -> bytes:
    """Return the stored photograph as a square PNG; a new upload has a new name."""
    try:
        with default_storage.open(name) as stored:
            upright = ImageOps.exif_transpose(Image.open(stored))
            square = ImageOps.fit(upright.convert("RGB"), (SIDE, SIDE))
    except OSError:
        raise Http404 from None
    out = io.BytesIO()
    square.save(out, "PNG", optimize=True)
    return out.getvalue()


@functools.lru_cache(maxsize=64)
def portrait(pk: int) -> bytes:
    """Return the drawn portrait that stands in for a photograph."""
    found = finders.find(face_picture(pk))
    if not isinstance(found, str):
        raise Http404
    with open(found, "rb") as drawn:  # noqa: PTH123  (finders gives a name)
        return drawn.read()
