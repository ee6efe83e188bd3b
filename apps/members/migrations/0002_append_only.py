"""What a member consented to is never changed; a new word is a new row."""

from django.db import migrations

from apps.core.append_only import guard


class Migration(migrations.Migration):
    """Guard the consents."""

    dependencies = [("members", "0001_initial")]
    operations = [guard("members_consent")]
