"""By which key the customer of an order was known."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0007_postings'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='matched_by',
            field=models.CharField(blank=True, choices=[('line', 'LINE'), ('phone', '手機'), ('card', '會員卡號'), ('shop', '官網帳號'), ('app', 'App 帳號'), ('pos', 'POS 編號'), ('email', '電子郵件')], db_default='', default='', max_length=8),
        ),
    ]
