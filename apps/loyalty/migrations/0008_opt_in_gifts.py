"""Gifts for saying yes to one channel."""

from django.db import migrations, models

OCCASIONS = [
    ("birthday", "生日當天"),
    ("birthday_month", "生日當月一日"),
    ("anniversary", "入會週年"),
    ("sign_up", "入會"),
    ("profile", "填完個人資料"),
    ("opt_in", "同意接收消息"),
    ("opt_in_line", "同意 LINE 消息"),
    ("opt_in_sms", "同意簡訊消息"),
    ("opt_in_email", "同意電子郵件消息"),
    ("opt_in_app_push", "同意 App 推播消息"),
]


class Migration(migrations.Migration):
    """Let rules and gifts name the new occasions."""

    dependencies = [("loyalty", "0007_gift_coupons")]

    operations = [
        migrations.AlterField(
            model_name="giftrule",
            name="occasion",
            field=models.CharField(
                choices=OCCASIONS, max_length=16, unique=True, verbose_name="時機"
            ),
        ),
        migrations.AlterField(
            model_name="gift",
            name="occasion",
            field=models.CharField(choices=OCCASIONS, max_length=16),
        ),
    ]
