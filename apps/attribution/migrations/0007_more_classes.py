"""More classes of credit and kinds of touches; visitors who turned out to be members."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the classes, the kinds and the visitors."""

    dependencies = [
        ('attribution', '0006_links'),
        ('catalog', '0001_initial'),
        ('members', '0001_initial'),
        ('loyalty', '0001_initial'),
        ('orders', '0005_line_sellers'),
        ('staff', '0003_address'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='touch',
            name='sku',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AlterField(
            model_name='decision',
            name='basis',
            field=models.CharField(choices=[('pos_seller', '門市結帳店員'), ('cart', '代客購物車'), ('coupon', '店員優惠券'), ('link', '推廣連結'), ('chat', '對話協助'), ('booking', '預約服務'), ('binding', '綁定推薦人'), ('house', '總部或自主下單')], max_length=12),
        ),
        migrations.AlterField(
            model_name='simulationsum',
            name='basis',
            field=models.CharField(choices=[('pos_seller', '門市結帳店員'), ('cart', '代客購物車'), ('coupon', '店員優惠券'), ('link', '推廣連結'), ('chat', '對話協助'), ('booking', '預約服務'), ('binding', '綁定推薦人'), ('house', '總部或自主下單')], max_length=12),
        ),
        migrations.AlterField(
            model_name='touch',
            name='kind',
            field=models.CharField(choices=[('link_sent', '傳送推廣連結'), ('link_click', '點擊推廣連結'), ('chat_reply', '對話回覆'), ('cart_built', '代選進購物車'), ('cart_opened', '打開購物車'), ('coupon_issued', '發送優惠券'), ('coupon_redeemed', '使用優惠券'), ('booking', '預約服務'), ('campaign_click', '點擊行銷訊息')], max_length=16),
        ),
        migrations.AlterField(
            model_name='touch',
            name='staff',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='touches', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='touch',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'campaign_click'), ('staff__isnull', False), _connector='XOR'), name='somebody_touched_or_a_campaign'),
        ),
        migrations.CreateModel(
            name='Visitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('since', models.DateTimeField(null=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visitors', to='members.member')),
            ],
        ),
    ]
