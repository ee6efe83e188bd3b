"""Files that customers send: fetched from the channel, kept private, erased.

The row is the job: `media_state` says what is to be done and `media_due_at` when. The
attempt is counted and committed before the channel is called.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from PIL import Image, ImageOps

from apps.channels.errors import Unavailable
from apps.channels.line.client import Content, Line
from apps.conversations.models import Message
from apps.conversations.rules import pictures
from apps.conversations.services import threads
from apps.staff.models import Staff

LARGEST_FILE = 30 * 1024 * 1024
LONGEST_SIDE = 2_048
MOST_PIXELS = 60_000_000
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 12

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MediaFile:
    """A file for a person who may see it; only pictures are shown inline."""

    path: str
    content_type: str
    name: str
    is_inline: bool


def media_of(message: Message, viewer: Staff) -> MediaFile | None:
    """Return the file of a message; None where there is none or it is not theirs."""
    mine = Message.objects.visible_to(viewer).filter(pk=message.pk).first()
    if mine is None or mine.unsent_at or mine.media_state != Message.Media.STORED:
        return None
    with mine.media.open("rb") as file:
        kind = pictures.sniff(file.read(16))
    return MediaFile(
        path=mine.media.path,
        content_type=kind,
        name=mine.text or f"{mine.pk}{pictures.ending(kind)}",
        is_inline=kind.startswith("image/"),
    )


@transaction.atomic(durable=True)
def claim_media(*, now: datetime, limit: int = 10) -> list[Message]:
    """Take files in hand, for two minutes; the attempt is counted here."""
    rows = (
        Message.objects.media_due(now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("account")[:limit]
    )
    claimed = list(rows)
    Message.objects.filter(pk__in=[row.pk for row in claimed]).update(
        media_attempts=F("media_attempts") + 1, media_due_at=now + LEASE
    )
    for row in claimed:
        row.media_attempts += 1
    return claimed


def fetch(message: Message, *, now: datetime) -> None:
    """Fetch or erase the file of a claimed message; outside any transaction."""
    if message.media_state == Message.Media.ERASE:
        _erase(message)
        return
    line = Line(message.account)
    try:
        answer = line.content(str(message.external_id), at_most=LARGEST_FILE)
    except Unavailable as trouble:
        log.warning("media not fetched", message=message.pk, why=str(trouble))
        _settle(message, _later(message), now=now)
        return
    if isinstance(answer, Content):
        _store(message, answer, now=now)
    elif answer == "preparing":
        _settle(message, _later(message), now=now)
    else:
        gone = answer == "gone"
        _settle(message, Message.Media.GONE if gone else Message.Media.FAILED, now=now)


def _store(message: Message, content: Content, *, now: datetime) -> None:
    try:
        data = _safe(content.data)
    except (OSError, ValueError, Image.DecompressionBombError, SyntaxError) as error:
        log.warning("media not readable", message=message.pk, why=repr(error))
        _settle(message, Message.Media.FAILED, now=now)
        return
    name = f"{uuid4().hex}{pictures.ending(pictures.sniff(data))}"
    storage = message.media.storage
    path = storage.save(message.media.field.generate_filename(message, name),
                        ContentFile(data))  # fmt: skip
    if not _settle(message, Message.Media.STORED, now=now, path=path):
        storage.delete(path)


def _safe(data: bytes) -> bytes:
    """Draw pictures anew, so that only pixels remain; other files stay as they are."""
    kind = pictures.sniff(data)
    if not kind.startswith("image/"):
        return data
    with Image.open(io.BytesIO(data)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"{image.width} x {image.height} pixels")
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        drawn = io.BytesIO()
        has_alpha = upright.mode in ("RGBA", "LA", "PA", "P")
        if has_alpha:
            upright.convert("RGBA").save(drawn, "PNG", optimize=True)
        else:
            upright.convert("RGB").save(drawn, "JPEG", quality=88)
        return drawn.getvalue()


def _later(message: Message) -> Message.Media:
    if message.media_attempts >= MOST_ATTEMPTS:
        return Message.Media.FAILED
    return Message.Media.WANTED


def _settle(
    message: Message, state: Message.Media, *, now: datetime, path: str = ""
) -> bool:
    """Keep what came of the attempt; False where the message was taken back since."""
    wait = timedelta(seconds=min(2**message.media_attempts, 600))
    due_at = now + wait if state == Message.Media.WANTED else None
    with transaction.atomic():
        conversation = threads.lock(message.conversation)
        wanted = Message.objects.filter(
            pk=message.pk, media_state=Message.Media.WANTED, unsent_at=None
        )
        done = wanted.update(media_state=state, media=path, media_due_at=due_at)
        if done:
            threads.announce(conversation, message)
    return bool(done)


def _erase(message: Message) -> None:
    if message.media.name:
        message.media.storage.delete(message.media.name)
    Message.objects.filter(pk=message.pk, media_state=Message.Media.ERASE).update(
        media="", media_state=Message.Media.NONE, media_due_at=None
    )
