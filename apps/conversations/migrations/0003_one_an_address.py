"""A conversation is with an address: merged people may have two on one account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Let the address, not the member, be unique on an account."""

    dependencies = [("conversations", "0002_inbox_work")]
    operations = [
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                "account", "address", name="one_conversation_an_address"
            ),
        ),
        migrations.RemoveConstraint(
            model_name="conversation", name="one_conversation_a_member"
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["account", "member"], name="conversation_of_member"
            ),
        ),
    ]
