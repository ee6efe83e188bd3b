"""Tell what a file is by its first bytes, whatever it says of itself."""

from __future__ import annotations

PLAIN = "application/octet-stream"
MARKS = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"%PDF-", "application/pdf"),
)
ENDINGS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif",
    "image/webp": ".webp", "audio/mp4": ".m4a", "video/mp4": ".mp4",
    "audio/mpeg": ".mp3", "application/pdf": ".pdf",
}  # fmt: skip


def sniff(data: bytes) -> str:
    """Return the media type of the bytes; octets where they bear no known mark."""
    for at, mark, kind in MARKS:
        if data[at : at + len(mark)] == mark:
            return kind
    return PLAIN


def ending(kind: str) -> str:
    """Return the file name's ending for the media type."""
    return ENDINGS.get(kind, ".bin")
