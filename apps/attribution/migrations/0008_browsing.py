"""Searches and carts beside the views; indexes that say nothing new are dropped."""

import django.db.models.deletion
from django.db import migrations, models

NOBODYS = models.Q(("member", None))
SOMEBODYS = models.Q(("member__isnull", False))


def member(related_name="+"):
    """Return the field of whose act it was."""
    return models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to='members.member')


class Migration(migrations.Migration):
    """Add searches and cart events."""

    dependencies = [
        ('attribution', '0007_more_classes'),
        ('catalog', '0002_reserved_stock'),
        ('members', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CartEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.UUIDField(unique=True)),
                ('visitor', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('cart_added', '放進購物車'), ('cart_removed', '拿出購物車'), ('cart', '購物車內容')], max_length=12)),
                ('pieces', models.JSONField()),
                ('at', models.DateTimeField()),
                ('member', member()),
            ],
        ),
        migrations.CreateModel(
            name='ShopSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.UUIDField(unique=True)),
                ('visitor', models.CharField(max_length=40)),
                ('term', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('member', member()),
            ],
        ),
        migrations.AddIndex(
            model_name='click',
            index=models.Index(models.F('visitor'), name='click_of_visitor'),
        ),
        migrations.RemoveIndex(
            model_name='pageview',
            name='attribution_member__6f680e_idx',
        ),
        migrations.RenameIndex(
            model_name='pageview',
            old_name='attribution_visitor_50c97c_idx',
            new_name='view_of_visitor',
        ),
        migrations.AlterField(
            model_name='pageview',
            name='member',
            field=member("page_views"),
        ),
        migrations.AlterField(
            model_name='pageview',
            name='product',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.product'),
        ),
        migrations.AddIndex(
            model_name='pageview',
            index=models.Index(condition=SOMEBODYS, fields=['member', '-at'], name='view_of_member'),
        ),
        migrations.AddIndex(
            model_name='cartevent',
            index=models.Index(condition=SOMEBODYS, fields=['member', '-at'], name='cart_event_of_member'),
        ),
        migrations.AddIndex(
            model_name='cartevent',
            index=models.Index(models.F('visitor'), condition=NOBODYS, name='cart_event_of_visitor'),
        ),
        migrations.AddIndex(
            model_name='shopsearch',
            index=models.Index(condition=SOMEBODYS, fields=['member', '-at'], name='search_of_member'),
        ),
        migrations.AddIndex(
            model_name='shopsearch',
            index=models.Index(models.F('visitor'), condition=NOBODYS, name='search_of_visitor'),
        ),
        migrations.AddConstraint(
            model_name='shopsearch',
            constraint=models.CheckConstraint(condition=models.Q(('term', ''), _negated=True), name='search_has_words'),
        ),
    ]
