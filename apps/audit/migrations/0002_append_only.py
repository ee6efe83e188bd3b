"""Entries and seals are never changed."""

from django.db import migrations

from apps.core.append_only import guard


class Migration(migrations.Migration):
    """Guard both tables."""

    dependencies = [("core", "0001_ground"), ("audit", "0001_initial")]
    operations = [guard("audit_auditentry"), guard("audit_auditseal")]
