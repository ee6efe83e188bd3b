"""Signals that a person looked at."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0002_members_waits_freshness'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SignalReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('self_orders', '店員本人的訂單'), ('visitor_clicks', '同一訪客密集點擊'), ('link_clicks', '連結密集點擊'), ('rebound', '顧客反覆換店員'), ('taken_over', '大量改綁到同一位店員')], max_length=16)),
                ('subject', models.BigIntegerField()),
                ('weight', models.PositiveIntegerField()),
                ('note', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '訊號檢視',
                'verbose_name_plural': '訊號檢視',
                'constraints': [models.UniqueConstraint(models.F('kind'), models.F('subject'), name='one_review_a_signal')],
            },
        ),
    ]
