"""The refusals that more than one verb of members gives."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.core.errors import Refused
from apps.staff.models import Staff
from apps.stores.models import Store


def inactive(staff: Staff, store: Store) -> Refused:
    """The person does not serve at the store today, or has left."""
    words = _("%(name)s目前不在%(store)s服務，同店的其他人可以幫您。")
    return Refused("inactive", words % {"name": staff.label, "store": store.label})
