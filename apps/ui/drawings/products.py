"""Six garments as SVG, each drawn once and tinted by its hue."""

from __future__ import annotations

SIZE = 640

# Each drawing stands in a box of 400 by 400. The classes: a body, b shade, c light,
# l fine line, t thick line.
ARTS = {
    "coat": """
<g transform="translate(40 -22) scale(.8 1.150)">
<path class="a" d="M140 66 92 88c-22 10-34 26-40 50L20 292h52l28-96v160h200V196l28 96h52
 l-32-154c-6-24-18-40-40-50l-48-22-60 66z"/>
<path class="b" d="M100 196l12-54 8 214h-20zM300 196l-12-54-8 214h20zM200 132v224h14
 V146z"/>
<path class="c" d="M140 66l-26 58 86 86 12-60-12-18zM260 66l26 58-86 86-6-60 6-18z"/>
<path class="l" d="M140 66l-26 58 86 86 86-86-26-58M200 210v146M120 268h46M234 268h46"/>
<path class="l" d="M120 286h46M234 286h46"/>
<circle class="d" cx="184" cy="240" r="6"/><circle class="d" cx="184" cy="286" r="6"/>
<circle class="d" cx="184" cy="332" r="6"/>
</g>
""",
    "knit": """
<path class="a" d="M144 78 92 96c-22 8-34 24-38 46L16 284l54 16 30-82v128h200V218l30 82
 54-16-38-142c-4-22-16-38-38-46l-52-18c-14 22-98 22-112 0z"/>
<path class="b" d="M100 218l10-56 10 184h-20zM300 218l-10-56-10 184h20z"/>
<path class="c" d="M144 78c10 44 102 44 112 0l-12-4c-12 28-76 28-88 0z"/>
<path class="b" d="M100 326h200v20H100zM20 268l54 16-4 16-54-16zM380 268
 l-54 16 4 16 54-16z"/>
<path class="l" d="M144 78c10 44 102 44 112 0M150 150v170M176 156v164M200 158v162"/>
<path class="l" d="M224 156v164M250 150v170M100 326h200"/>
""",
    "dress": """
<path class="a" d="M146 40h24c4 30 18 44 30 44s26-14 30-44h24l20 78-28 40 74 202H80
 l74-202
 -28-40z"/>
<path class="b" d="M154 158h92l6 16H148zM152 360l34-170h10l-14 170zM248 360l-34-170
 h-10l14 170z"/>
<path class="c" d="M108 360l58-180h10l-42 180z"/>
<path class="l" d="M154 158h92M146 174h108M170 40c4 30 18 44 30 44s26-14 30-44M80 360
 h240"/>
""",
    "trouser": """
<path class="a" d="M116 40h168l28 320h-84l-28-200-28 200H88z"/>
<path class="b" d="M116 40h168l3 30H113zM200 160l-28 200h-20l40-210zM200 160l28 200
 h20l-40-210z"/>
<path class="c" d="M140 90l-18 270h14l20-270zM260 90l18 270h-14l-20-270z"/>
<path class="l" d="M113 70h174M200 40v120M126 70c2 20-6 34-18 40M274 70
 c-2 20 6 34 18 40"/>
<path class="t" d="M144 40v30M256 40v30"/>
<circle class="d" cx="200" cy="56" r="6"/>
""",
    "bag": """
<path class="t" d="M144 168v-40c0-74 112-74 112 0v40"/>
<path class="a" d="M84 150h232l30 196c2 10-6 18-16 18H70c-10 0-18-8-16-18z"/>
<path class="b" d="M84 150h232l10 64H74zM54 346c-2 10 6 18 16 18h260c10 0 18-8 16-18z"/>
<path class="c" d="M96 226h14l-14 112H80z"/>
<path class="l" d="M74 214h252M66 336h268"/>
<rect class="c" x="172" y="196" width="56" height="40" rx="10"/>
<circle class="d" cx="200" cy="216" r="7"/>
<circle class="d" cx="144" cy="172" r="7"/><circle class="d" cx="256" cy="172" r="7"/>
""",
    "shirt": """
<path class="a" d="m140 56-50 22C68 88 58 102 52 124L18 246l60 18 22-60v150h200V204
 l22 60
 60-18-34-122c-6-22-16-36-38-46l-50-22-60 40z"/>
<path class="b" d="M100 204l12-54 8 204h-20zM300 204l-12-54-8 204h20zM200 96v258h12
 V110z"/>
<path class="c" d="M140 56l14 74 46-34zM260 56l-14 74-46-34z"/>
<path class="l" d="M140 56l14 74 46-34 46 34 14-74M200 96v258M234 176h46v46h-46z"/>
<path class="l" d="M24 230l58 18M376 230l-58 18"/>
<circle class="d" cx="190" cy="150" r="5"/><circle class="d" cx="190" cy="198" r="5"/>
<circle class="d" cx="190" cy="246" r="5"/><circle class="d" cx="190" cy="294" r="5"/>
""",
}


def product(art: str, hue: int) -> str:
    """Return the drawing of a garment, 640 by 640, on a soft ground of its hue."""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}"
 viewBox="0 0 640 640"><style>
.a{{fill:oklch(56% .075 {hue})}} .b{{fill:oklch(46% .075 {hue})}}
.c{{fill:oklch(66% .07 {hue})}} .d{{fill:oklch(92% .03 {hue})}}
.l{{fill:none;stroke:oklch(86% .04 {hue});stroke-width:4;stroke-linejoin:round;
stroke-linecap:round;stroke-opacity:.7}}
.t{{fill:none;stroke:oklch(42% .075 {hue});stroke-width:16;stroke-linecap:round}}
</style>
<rect width="640" height="640" fill="oklch(94% .02 {hue})"/>
<circle cx="320" cy="300" r="252" fill="oklch(96.500% .014 {hue})"/>
<ellipse cx="320" cy="548" rx="170" ry="16" fill="oklch(87% .03 {hue})"/>
<g transform="translate(96 84) scale(1.120)">{ARTS[art]}</g></svg>"""
