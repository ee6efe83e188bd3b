"""The data host: the bytes of what people sent, their previews and their progress."""

from django.http import HttpResponse

from apps.simulator.models import ChatMessage, Content
from apps.simulator.platform.answers import LineError, not_found
from apps.simulator.platform.endpoint import Answer, Call, endpoint

TRANSCODED = {"video", "audio"}


@endpoint("content")
def content(call: Call, message_id: str) -> Answer:
    """Hand out the bytes: 202 while preparing, 404 unknown, 410 unsent."""
    found = _content(call, message_id)
    if found.state == Content.State.PROCESSING:
        return HttpResponse(status=202)
    return HttpResponse(bytes(found.data), content_type=found.content_type)


@endpoint("content.preview")
def preview(call: Call, message_id: str) -> Answer:
    """Hand out a small version of a picture."""
    found = _content(call, message_id)
    if found.state == Content.State.PROCESSING:
        return HttpResponse(status=202)
    return HttpResponse(bytes(found.preview), content_type=found.content_type)


@endpoint("content.transcoding")
def transcoding(call: Call, message_id: str) -> Answer:
    """Tell how far the conversion of a video or of a sound is."""
    found = _content(call, message_id)
    if found.message.kind not in TRANSCODED:
        raise LineError(400, "Not a video or audio message")
    return {"status": str(found.state)}


def _content(call: Call, message_id: str) -> Content:
    message = ChatMessage.objects.filter(
        account=call.account, message_id=message_id, via=ChatMessage.Via.USER
    ).first()
    if message is None:
        raise not_found()
    if message.unsent_at:
        raise LineError(410, "The message was unsent")
    found = Content.objects.filter(message=message).select_related("message").first()
    if found is None:
        raise not_found()
    return found
