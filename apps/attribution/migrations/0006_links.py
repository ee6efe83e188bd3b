"""Links of every kind with their times; devices of those who click."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FILL = """
update attribution_promolink l set
    kind = case when l.product_id is not null then 'product' else 'page' end,
    sent_at = coalesce(
        (select min(t.at) from attribution_touch t
         where t.kind = 'link_sent' and t.link_id = l.id),
        case when l.member_id is not null then l.created_at end),
    clicked_at = (select min(c.at) from attribution_click c where c.link_id = l.id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('attribution', '0005_simulations'),
        ('catalog', '0001_initial'),
        ('members', '0001_initial'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='click',
            name='device',
            field=models.CharField(blank=True, choices=[('', '不明'), ('mobile', '手機'), ('tablet', '平板'), ('desktop', '電腦')], max_length=8),
        ),
        migrations.AddField(
            model_name='click',
            name='in_app',
            field=models.CharField(blank=True, choices=[('', '瀏覽器'), ('line', 'LINE'), ('facebook', 'Facebook'), ('instagram', 'Instagram')], max_length=10),
        ),
        migrations.AddField(
            model_name='click',
            name='system',
            field=models.CharField(blank=True, choices=[('', '不明'), ('ios', 'iOS'), ('android', 'Android'), ('windows', 'Windows'), ('macos', 'macOS'), ('chromeos', 'ChromeOS'), ('linux', 'Linux')], max_length=8),
        ),
        migrations.AddField(
            model_name='promolink',
            name='campaign',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='promolink',
            name='category',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.category'),
        ),
        migrations.AddField(
            model_name='promolink',
            name='clicked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='promolink',
            name='kind',
            field=models.CharField(choices=[('product', '商品'), ('category', '分類'), ('home', '官網首頁'), ('cart', '購物車'), ('store', '門市頁'), ('page', '其他頁面')], default='page', max_length=8),
        ),
        migrations.AddField(
            model_name='promolink',
            name='place',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.store'),
        ),
        migrations.AddField(
            model_name='promolink',
            name='sent_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='click',
            index=models.Index(models.F('at'), name='click_at'),
        ),
        migrations.AddIndex(
            model_name='promolink',
            index=models.Index(fields=['staff', '-created_at'], name='link_of_staff'),
        ),
        migrations.AddIndex(
            model_name='promolink',
            index=models.Index(models.F('sent_at'), condition=models.Q(('sent_at__isnull', False)), name='link_sent'),
        ),
    ]
