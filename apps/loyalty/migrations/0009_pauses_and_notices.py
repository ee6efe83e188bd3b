"""Pauses of some channels and goods; notices of what is about to expire; settings."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_reserved_stock'),
        ('loyalty', '0008_opt_in_gifts'),
        ('members', '0007_consents_and_notes'),
    ]

    operations = [
        migrations.AddField(
            model_name='burnpause',
            name='categories',
            field=models.ManyToManyField(blank=True, related_name='+', to='catalog.category', verbose_name='分類'),
        ),
        migrations.AddField(
            model_name='burnpause',
            name='channels',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, default=list, size=None, verbose_name='通路'),
        ),
        migrations.CreateModel(
            name='ExpiryNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('at', models.DateTimeField()),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='expiry_notices', to='members.member')),
            ],
            options={
                'verbose_name': '到期通知',
                'verbose_name_plural': '到期通知',
            },
        ),
        migrations.CreateModel(
            name='ExpiryTold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issue', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='told', to='loyalty.couponissue')),
                ('lot', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='told', to='loyalty.pointlot')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to='loyalty.expirynotice')),
            ],
        ),
        migrations.CreateModel(
            name='LoyaltySettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points_days', models.PositiveSmallIntegerField(blank=True, help_text='空白就不通知', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='點數到期前幾天通知')),
                ('coupon_days', models.PositiveSmallIntegerField(blank=True, help_text='空白就不通知', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='優惠券到期前幾天通知')),
                ('hour', models.PositiveSmallIntegerField(default=10, help_text='24 小時制，8 到 21 點', validators=[django.core.validators.MinValueValidator(8), django.core.validators.MaxValueValidator(21)], verbose_name='幾點送出')),
                ('invoice_days', models.PositiveSmallIntegerField(blank=True, help_text='空白就不開放發票登錄', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='發票開立後幾天內可登錄')),
                ('tax_ids', models.CharField(blank=True, help_text='掃 QR 時先看是不是我們開的；空白就不看', max_length=200, validators=[django.core.validators.RegexValidator('^\\d{8}([,，、\\s]+\\d{8})*\\Z', '八位數字，用逗號分開')], verbose_name='開立發票的統一編號')),
            ],
            options={
                'verbose_name': '通知與發票設定',
                'verbose_name_plural': '通知與發票設定',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_settings'), models.CheckConstraint(condition=models.Q(('hour__range', (8, 21))), name='nobody_is_written_to_at_night')],
            },
        ),
        migrations.AddConstraint(
            model_name='expirynotice',
            constraint=models.UniqueConstraint(models.F('member'), models.F('on'), name='one_expiry_notice_a_day'),
        ),
        migrations.AddConstraint(
            model_name='expirytold',
            constraint=models.CheckConstraint(condition=models.Q(('lot__isnull', True), ('issue__isnull', True), _connector='XOR'), name='told_of_points_or_of_a_coupon'),
        ),
    ]
