"""Gifts may hold a coupon; tiers that were held for ever end after their term."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('loyalty', '0006_merged_members'),
    ]

    operations = [
        migrations.RunSQL(
            """
            update loyalty_standing as held
            set until = greatest(held.since + make_interval(months => tier.term_months),
                                 now())
            from loyalty_tier as tier
            where tier.id = held.tier_id and held.until is null and tier.term_months > 0
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name='giftrule',
            name='coupon',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.coupon', verbose_name='優惠券'),
        ),
        migrations.AddConstraint(
            model_name='giftrule',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0), ('coupon__isnull', False), ('is_active', False), _connector='OR'), name='a_gift_holds_something'),
        ),
    ]
