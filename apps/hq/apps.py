"""HQ's back office, and beside it Django's admin for the master data."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class HqConfig(AppConfig):
    """HQ's back office."""

    default = True
    name = "apps.hq"
    verbose_name = _("總部")


class MasterDataConfig(admin_apps.AdminConfig):
    """Django's admin, showing what HQ keeps there and nothing of the machinery."""

    default = False
    default_site = "apps.hq.master_data.MasterData"
