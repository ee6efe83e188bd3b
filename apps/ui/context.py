"""What every page's frame knows; nothing here asks the database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _

HTML_LANGUAGES = {"zh-hant": "zh-Hant-TW", "en": "en"}
SHORT_NAMES = {"zh-hant": _("中"), "en": "EN"}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the frame the live stream's address, the brand and the languages."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "live_url": f"{settings.LIVE_URL}/live/",
        "brand_name": settings.BRAND_NAME or gettext("熟客"),
        "simulator_url": settings.SIMULATOR_URL,
        "language": language,
        "html_lang": HTML_LANGUAGES.get(language, language),
        "other_languages": [
            {
                "code": code,
                "name": get_language_info(code)["name_local"],
                "short": SHORT_NAMES.get(code, code),
                "html_lang": HTML_LANGUAGES.get(code, code),
            }
            for code, _name in settings.LANGUAGES
            if code != language
        ],
        "here": request.get_full_path(),
    }
