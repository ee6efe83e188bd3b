"""Twelve friendly faces as SVG, put together from hair, skin and clothes."""

from __future__ import annotations

from dataclasses import dataclass

SIZE = 256

CAP = "M79 116C74 72 100 52 130 53c34 0 53 24 48 63-4-16-9-25-18-31"
BACK = {
    "long": "M70 112c-6-54 26-70 58-70s64 16 58 70l6 104c-22 10-40 8-50 4H114"
    "c-10 4-28 6-50-4z",
    "bob": "M70 112c-6-54 26-70 58-70s64 16 58 70l4 46c0 16-20 18-26 12H92"
    "c-6 6-26 4-26-12z",
    "wavy": "M70 110c-6-52 26-68 58-68s64 16 58 68c10 14-4 22 6 36 8 14-6 24 2 38"
    "-16 14-36 8-42-2h-48c-6 10-26 16-42 2 8-14-6-24 2-38 10-14-4-22 6-36z",
    "bun": "M104 46a24 24 0 1 1 48 0 24 24 0 1 1-48 0z",
    "tail": "M168 76c28 4 38 40 30 76-4 20-16 26-22 18 6-30 4-60-14-80z",
    "low": "M74 116c-6-50 22-70 54-70s60 20 54 70c0 22-6 40-16 50"
    "H90c-10-10-16-28-16-50z",
}
FRONT = {
    "parted": f"{CAP}-20 11-48 12-63 3-10 8-14 15-18 28z",
    "crew": "M80 106c-2-40 24-54 48-54s50 14 48 54c-4-12-9-20-15-25-20-6-46-6-66 0"
    "-6 5-11 13-15 25z",
    "bangs": "M79 120c-6-48 20-66 49-66s55 18 49 66c-2-6-5-11-8-15-24-7-58-7-82 0"
    "-3 4-6 9-8 15z",
    "swept": "M79 118c-6-46 18-66 49-66s55 20 49 66c-14-8-26-20-30-34"
    "-14 18-42 28-68 34z",
    "middle": "M79 120c-6-48 18-68 49-68s55 20 49 68c-4-24-26-34-49-50"
    "-23 16-45 26-49 50z",
    "curly": "M82 112c-12-4-12-22 0-26-4-22 14-34 28-26 6-16 30-18 38-4 16-6 30 8 26 26"
    " 14 4 12 22 0 30-2-12-6-20-12-26-20 6-46 4-62-2-8 4-14 12-18 28z",
}


@dataclass(frozen=True)
class Face:
    """What makes one face: hair behind and before, colours, small things."""

    back: str
    front: str
    hair: str
    skin: str
    cloth: str
    hue: int
    collar: str
    glasses: bool = False
    open_smile: bool = False


FACES = (
    Face("long", "middle", "#2b2320", "#f3cdb0", "#1f4b7a", 20, "round"),
    Face("", "parted", "#1f1b1a", "#eebf9c", "#3f8270", 210, "shirt"),
    Face("bob", "bangs", "#3a2a22", "#f6d5bb", "#a85a48", 80, "round", open_smile=True),
    Face("bun", "swept", "#241d1b", "#f1c7a6", "#6a5a8c", 150, "v"),
    Face("", "crew", "#2a2422", "#dba983", "#4a5560", 250, "shirt", glasses=True),
    Face("wavy", "swept", "#5a3b2a", "#f4d0b4", "#8a5a7a", 340, "v", open_smile=True),
    Face("tail", "bangs", "#2d221e", "#efc3a0", "#c07a3a", 60, "shirt"),
    Face("low", "middle", "#6b6664", "#f0c8aa", "#35566f", 190, "v", glasses=True),
    Face("", "curly", "#332822", "#d9a57c", "#7a8a4a", 110, "round", open_smile=True),
    Face("bob", "swept", "#1d1a1c", "#f3ccb0", "#2f6f6a", 300, "shirt", glasses=True),
    Face("", "parted", "#54473f", "#f2cfb4", "#8c4a3c", 40, "round"),
    Face("long", "bangs", "#40302a", "#e9bb96", "#5a6ea8", 270, "v"),
)

COLLARS = {
    "round": '<path d="M98 194c10 24 50 24 60 0" fill="none" stroke="#fff"'
    ' stroke-opacity=".55" stroke-width="6"/>',
    "v": '<path d="M100 188l28 42 28-42z" fill="{skin}"/>'
    '<path d="M98 188l30 46 30-46" fill="none" stroke="#fff" stroke-opacity=".5"'
    ' stroke-width="5"/>',
    "shirt": '<path d="M104 186l24 26-22 22-16-40zM152 186l-24 26 22 22 16-40z"'
    ' fill="#fff" fill-opacity=".85"/>',
}
GLASSES = (
    '<g fill="none" stroke="#4a4340" stroke-width="4">'
    '<circle cx="108" cy="124" r="14"/>'
    '<circle cx="148" cy="124" r="14"/><path d="M122 122q6-4 12 0M94 121l-12-3M162 121'
    'l12-3"/></g>'
)
SMILE = '<path d="M114 148q14 14 28 0" fill="none" stroke="#a8524a" stroke-width="4"/>'
OPEN_SMILE = '<path d="M112 146q16 5 32 0-3 17-16 17t-16-17z" fill="#a8524a"/>'


def face(place: int) -> str:
    """Return one of the faces, 256 by 256; `place` counts from 0."""
    one = FACES[place]
    back = f'<path d="{BACK[one.back]}" fill="{one.hair}"/>' if one.back else ""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}"
 viewBox="0 0 256 256" stroke-linecap="round">
<rect width="256" height="256" fill="oklch(91% .04 {one.hue})"/>{back}
<path d="M34 256c0-48 40-66 94-66s94 18 94 66z" fill="{one.cloth}"/>
<path d="M107 160h42v30c-6 16-36 16-42 0z" fill="{one.skin}"/>
<path d="M107 164c8 14 34 14 42 0v10c-8 12-34 12-42 0z" fill="#00000018"/>
{COLLARS[one.collar].format(skin=one.skin)}
<circle cx="80" cy="124" r="10" fill="{one.skin}"/>
<circle cx="176" cy="124" r="10" fill="{one.skin}"/>
<path d="M80 112c0-36 22-54 48-54s48 18 48 54c0 38-20 66-48 66s-48-28-48-66z"
 fill="{one.skin}"/>
<g fill="#e8836f" fill-opacity=".28"><circle cx="96" cy="144" r="10"/>
<circle cx="160" cy="144" r="10"/></g>
<path d="{FRONT[one.front]}" fill="{one.hair}"/>
<g fill="none" stroke="{one.hair}" stroke-width="4"><path d="M99 108q9-5 18 0"/>
<path d="M139 108q9-5 18 0"/></g>
<g fill="#2a2422"><ellipse cx="108" cy="124" rx="4.500" ry="5.500"/>
<ellipse cx="148" cy="124" rx="4.500" ry="5.500"/></g>
<path d="M127 128q-5 9 3 10" fill="none" stroke="#00000040" stroke-width="3"/>
{OPEN_SMILE if one.open_smile else SMILE}{GLASSES if one.glasses else ""}</svg>"""
