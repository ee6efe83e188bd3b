"""The drawn pictures that stand in where nobody has taken a photograph."""

PRODUCT_ARTS = ("coat", "knit", "dress", "trouser", "bag", "shirt")
PRODUCT_HUES = (10, 60, 85, 150, 200, 250, 300)
FACES = 12


def product_picture(art: str, hue: int) -> str:
    """Return the static path of the drawing of a product in the nearest hue."""
    known = art if art in PRODUCT_ARTS else PRODUCT_ARTS[0]
    nearest = min(PRODUCT_HUES, key=lambda other: (_apart(hue, other), other))
    return f"products/{known}-{nearest}.png"


def face_picture(seed: int) -> str:
    """Return the static path of one of the drawn faces; same seed, same face."""
    return f"faces/{seed % FACES + 1:02d}.png"


def _apart(hue: int, other: int) -> int:
    gap = abs(hue - other) % 360
    return min(gap, 360 - gap)
