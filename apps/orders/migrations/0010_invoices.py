"""The e-invoices of orders, and the customers who show one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_consents_and_notes'),
        ('orders', '0009_counter'),
    ]

    operations = [
        migrations.CreateModel(
            name='OrderInvoice',
            fields=[
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='invoice', serialize=False, to='orders.order')),
                ('number', models.CharField(max_length=10, verbose_name='發票號碼')),
                ('issued_on', models.DateField(verbose_name='開立日期')),
                ('period', models.DateField()),
                ('random_code', models.CharField(blank=True, max_length=4, verbose_name='隨機碼')),
                ('carrier', models.CharField(blank=True, max_length=64, verbose_name='載具')),
                ('donated_to', models.CharField(blank=True, max_length=7, verbose_name='愛心碼')),
            ],
            options={
                'verbose_name': '電子發票',
                'verbose_name_plural': '電子發票',
                'constraints': [models.UniqueConstraint(fields=('number', 'period'), name='one_order_an_invoice')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=10, verbose_name='發票號碼')),
                ('issued_on', models.DateField(verbose_name='開立日期')),
                ('random_code', models.CharField(max_length=4, verbose_name='隨機碼')),
                ('total', models.BigIntegerField(null=True)),
                ('source', models.CharField(choices=[('qr', 'QR'), ('typed', '手動輸入')], max_length=5)),
                ('state', models.CharField(choices=[('waiting', '等待訂單'), ('claimed', '已入帳'), ('refused', '沒有入帳')], default='waiting', max_length=8)),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('mismatch', '隨機碼或金額與這張發票不符'), ('donated', '這張發票已經捐贈，不能登錄'), ('cancelled', '這筆消費已經取消'), ('yours', '這筆消費早已算在您的帳上，點數不會重複給'), ('other_member', '這筆消費屬於另一位會員'), ('taken', '這張發票已經登錄過'), ('not_ours', '這不是我們開立的發票'), ('not_found', '等了兩週，查無這張發票的消費')], default='', max_length=12)),
                ('made_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoice_claims', to='members.member')),
                ('order', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='orders.order')),
            ],
            options={
                'verbose_name': '發票登錄',
                'verbose_name_plural': '發票登錄',
                'indexes': [models.Index(fields=['member', '-made_at'], name='claims_of_member'), models.Index(fields=['-made_at', '-id'], name='claims_newest_first'), models.Index(condition=models.Q(('state', 'waiting')), fields=['number'], name='claims_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'claimed')), fields=('order',), name='one_claim_an_invoice'), models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'claimed'])), fields=('member', 'number', 'issued_on'), name='one_live_claim_a_member_and_invoice'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('settled_at', None), ('state', 'waiting')), models.Q(('order__isnull', False), ('reason', ''), ('settled_at__isnull', False), ('state', 'claimed')), models.Q(('settled_at__isnull', False), ('state', 'refused'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='a_claim_says_what_became_of_it')],
            },
        ),
    ]
