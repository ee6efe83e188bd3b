"""HQ is told of the events that could not be routed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gateway', '0003_bucket'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='inboundevent',
            index=models.Index(models.F('received_at'), condition=models.Q(('state', 'dead')), name='event_dead'),
        ),
    ]
