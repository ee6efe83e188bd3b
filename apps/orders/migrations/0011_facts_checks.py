"""What the nightly check of members' facts found, and their rebuilding."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0010_invoices'),
    ]

    operations = [
        migrations.CreateModel(
            name='FactsCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='時間')),
                ('looked_at', models.PositiveIntegerField(verbose_name='抽查會員數')),
                ('differing', models.PositiveIntegerField(verbose_name='不符會員數')),
                ('members', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='會員')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='重算完成')),
            ],
            options={
                'verbose_name': '會員彙總檢查',
                'verbose_name_plural': '會員彙總檢查',
                'ordering': ['-at'],
                'indexes': [models.Index(models.F('at'), condition=models.Q(('differing__gt', 0), ('settled_at', None)), name='facts_check_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('differing__lte', models.F('looked_at'))), name='differing_members_were_looked_at')],
            },
        ),
        migrations.CreateModel(
            name='FactsRebuild',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='開始')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成')),
                ('reached', models.BigIntegerField(default=0, verbose_name='已算到的會員')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='有更正的會員數')),
            ],
            options={
                'verbose_name': '會員彙總重算',
                'verbose_name_plural': '會員彙總重算',
                'ordering': ['-started_at'],
                'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('finished_at', None)), name='one_facts_rebuild')],
            },
        ),
    ]
