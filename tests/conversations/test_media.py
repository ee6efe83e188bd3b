"""Files that customers send: fetched, drawn anew, kept private, erased."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from apps.channels.line import client as line_client
from apps.conversations import services, tasks
from apps.conversations.models import Message
from apps.conversations.services import media
from apps.core import clock
from apps.members import services as members
from tests.conversations.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


class Channel:
    """Answers as LINE's data host would, one prepared answer after the other."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[str] = []


@pytest.fixture
def channel(settings: Settings, tmp_path: Path) -> Iterator[Channel]:
    said = Channel()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.asked.append(self.path)
            is_profile = "/profile/" in self.path
            status, body = (404, b"{}") if is_profile else said.answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.LINE_DATA_HOST = settings.LINE_API_HOST = address
    settings.MEDIA_ROOT = tmp_path / "media"
    yield said
    server.shutdown()
    line_client.forget_clients()


def picture(size: tuple[int, int] = (3000, 40), mode: str = "RGB") -> bytes:
    drawn = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new(mode, size, 120).save(drawn, "PNG", exif=exif)
    return drawn.getvalue()


def sent(cast: Cast, kind: str = "image") -> Message:
    """Let a customer of Lin send a file."""
    person = cast.customer(of=cast.lin)
    identity = members.line_identity(person)
    assert identity is not None
    content = {
        "id": "900",
        "type": kind,
        "fileName": "a.exe",
        "contentProvider": {"type": "line"},
    }
    said = services.receive(identity, {"message": content}, now=clock.now())
    assert said is not None
    return said


def again(message: Message) -> Message:
    """Let the time of the next attempt come, and look."""
    Message.objects.filter(media_due_at__isnull=False).update(media_due_at=clock.now())
    tasks.fetch_pending()
    message.refresh_from_db()
    return message


def test_a_picture_is_drawn_anew_without_what_else_it_held(
    cast: Cast, channel: Channel
) -> None:
    channel.answers = [(200, picture())]
    message = again(sent(cast))
    assert message.media_state == "stored"
    assert "/v2/bot/message/900/content" in channel.asked
    found = services.media_of(message, cast.lin)
    assert found is not None
    assert (found.content_type, found.is_inline) == ("image/jpeg", True)
    stored = Path(found.path).read_bytes()
    assert b"secret" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert image.size == (media.LONGEST_SIDE, 27)
    assert "/media/" not in found.path


def test_only_who_may_open_the_conversation_gets_the_file(
    cast: Cast, channel: Channel
) -> None:
    channel.answers = [(200, picture((9, 9), "L"))]
    message = again(sent(cast))
    assert services.media_of(message, cast.manager) is not None
    for stranger in (cast.wu, cast.marketing):
        assert services.media_of(message, stranger) is None


def test_what_is_still_prepared_is_asked_for_again(
    cast: Cast, channel: Channel
) -> None:
    channel.answers = [(202, b""), (500, b"no"), (200, b"\x00\x00\x00 ftypisom....")]
    message = sent(cast, "video")
    assert again(message).media_state == "wanted"
    assert message.media_due_at is not None
    assert message.media_due_at > clock.now() + timedelta(seconds=1)
    assert again(message).media_state == "wanted"
    assert again(message).media_state == "stored"
    assert message.media_attempts == 3


@pytest.mark.parametrize(
    ("kind", "answer", "state"),
    [
        ("image", (410, b"{}"), "gone"),
        ("image", (404, b"{}"), "gone"),
        ("image", (200, b"\xff\xd8\xff not really"), "failed"),
        ("image", (200, picture()[:200]), "failed"),
    ],
)
def test_what_cannot_be_had_says_so(
    cast: Cast, channel: Channel, kind: str, answer: tuple[int, bytes], state: str
) -> None:
    channel.answers = [answer]
    message = again(sent(cast, kind))
    assert (message.media_state, bool(message.media)) == (state, False)
    assert services.media_of(message, cast.lin) is None


def test_a_file_beyond_the_limit_is_not_kept(
    cast: Cast, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "LARGEST_FILE", 10)
    channel.answers = [(200, picture())]
    assert again(sent(cast)).media_state == "failed"


def test_a_picture_of_too_many_pixels_is_not_opened(
    cast: Cast, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MOST_PIXELS", 100)
    channel.answers = [(200, picture())]
    assert again(sent(cast)).media_state == "failed"


def test_an_unknown_file_is_no_picture(cast: Cast, channel: Channel) -> None:
    channel.answers = [(200, b"MZ<script>alert(1)</script>")]
    found = services.media_of(again(sent(cast, "file")), cast.lin)
    assert found is not None
    assert (found.content_type, found.is_inline) == ("application/octet-stream", False)


def test_an_unsent_picture_is_erased_from_the_disk(
    cast: Cast, channel: Channel
) -> None:
    channel.answers = [(200, picture())]
    message = again(sent(cast))
    path = Path(message.media.path)
    assert path.exists()
    identity = members.line_identity(message.conversation.member)
    assert identity is not None
    now = clock.now()
    services.unsend(identity, {"unsend": {"messageId": "900"}}, now=now, at=now)
    assert services.media_of(message, cast.lin) is None
    again(message)
    assert not path.exists()
    assert (message.media_state, bool(message.media)) == ("", False)


def test_what_is_unsent_while_it_is_fetched_is_not_kept(
    cast: Cast, channel: Channel, settings: Settings
) -> None:
    message = sent(cast)
    (claimed,) = services.claim_media(now=clock.now() + timedelta(seconds=1))
    identity = members.line_identity(message.conversation.member)
    assert identity is not None
    now = clock.now()
    services.unsend(identity, {"unsend": {"messageId": "900"}}, now=now, at=now)
    channel.answers = [(200, picture())]
    services.fetch(claimed, now=now)
    private = Path(settings.MEDIA_ROOT).parent / "private"
    assert not [path for path in private.rglob("*") if path.is_file()]


def test_a_person_without_a_profile_keeps_what_is_known(
    cast: Cast, channel: Channel
) -> None:
    talk = cast.talk()
    tasks.fetch_pending()
    talk.refresh_from_db()
    assert talk.profile_due_at is None
    assert talk.member.label == "陳思妤"
