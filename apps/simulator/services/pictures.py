"""Pictures as a phone sends them: turned upright, shrunk, with a small preview."""

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from apps.core.errors import Refused

LONGEST = 2048
PREVIEW = 480
QUALITY = 85


@dataclass(frozen=True)
class Picture:
    """A picture ready to be stored."""

    data: bytes
    preview: bytes
    content_type: str = "image/jpeg"


def shrink(data: bytes) -> Picture:
    """Return the picture as JPEG of at most 2,048 pixels, with a preview."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise Refused("not_a_picture", _("這個檔案不是圖片，換一張試試。")) from error
    return Picture(data=_jpeg(upright, LONGEST), preview=_jpeg(upright, PREVIEW))


def _jpeg(image: Image.Image, longest: int) -> bytes:
    copy = image.copy()
    copy.thumbnail((longest, longest))
    out = io.BytesIO()
    copy.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
