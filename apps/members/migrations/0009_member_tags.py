"""A tag on a member becomes a row of its own, in the table that holds it already."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

# Names that differ in case alone would clash: the younger one is told apart.
APART = """
update members_tag t set name = left(t.name, 29 - length(t.id::text)) || ' ' || t.id
where t.name = '' or exists (
    select 1 from members_tag o where lower(o.name) = lower(t.name) and o.id < t.id);
"""
RENAME = """
alter table members_tag_members
    rename constraint members_tag_members_tag_id_member_id_87c39e7a_uniq
    to one_row_a_tag_and_member;
"""
BACK = """
alter table members_tag_members
    rename constraint one_row_a_tag_and_member
    to members_tag_members_tag_id_member_id_87c39e7a_uniq;
"""
# What merges of members moved is found again under the name of the model.
MOVED = "update members_mergedrow set model = 'members.%s' where model = 'members.%s'"


class Migration(migrations.Migration):
    dependencies = [("members", "0008_attributes")]

    operations = [
        migrations.RunSQL(APART, migrations.RunSQL.noop),
        migrations.RunSQL(
            MOVED % ("MemberTag", "Tag_members"), MOVED % ("Tag_members", "MemberTag")
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RENAME, BACK)],
            state_operations=[
                migrations.CreateModel(
                    name="MemberTag",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("member", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="tagged", to="members.member")),
                        ("tag", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="given", to="members.tag")),
                    ],
                    options={
                        "verbose_name": "會員的標籤",
                        "verbose_name_plural": "會員的標籤",
                        "db_table": "members_tag_members",
                        "constraints": [models.UniqueConstraint(fields=("tag", "member"), name="one_row_a_tag_and_member")],
                    },
                ),
                migrations.AlterField(
                    model_name="tag",
                    name="members",
                    field=models.ManyToManyField(blank=True, related_name="tags", through="members.MemberTag", to="members.member"),
                ),
            ],
        ),
        # Constant defaults: no row is written anew, however many there are.
        migrations.AddField(
            model_name="membertag",
            name="count",
            field=models.PositiveIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name="membertag",
            name="first_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name="membertag",
            name="last_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name="membertag",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membertag",
            name="source",
            field=models.CharField(choices=[("hq", "總部"), ("staff", "店員"), ("import", "匯入"), ("api", "API"), ("coupon", "優惠券"), ("before", "先前的資料")], db_default="before", max_length=8),
        ),
        migrations.AddField(
            model_name="membertag",
            name="occasion",
            field=models.CharField(blank=True, db_default="", max_length=60),
        ),
        migrations.AlterField(
            model_name="membertag",
            name="tag",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="given", to="members.tag"),
        ),
        migrations.AddIndex(
            model_name="membertag",
            index=models.Index(models.F("tag"), models.OrderBy(models.F("last_at"), descending=True), name="member_tags_used"),
        ),
        migrations.AddIndex(
            model_name="membertag",
            index=models.Index(condition=models.Q(("expires_at__isnull", False)), fields=["expires_at"], name="member_tags_to_expire"),
        ),
        migrations.AddConstraint(
            model_name="membertag",
            constraint=models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="a_tag_was_given_once_or_more"),
        ),
        migrations.AddConstraint(
            model_name="membertag",
            constraint=models.CheckConstraint(condition=models.Q(("first_at__lte", models.F("last_at"))), name="a_tag_was_given_first_before_last"),
        ),
        migrations.CreateModel(
            name="TagDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField()),
                ("given", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="by_day", to="members.membertag")),
            ],
            options={
                "verbose_name": "標籤的每日次數",
                "verbose_name_plural": "標籤的每日次數",
                "constraints": [
                    models.UniqueConstraint(fields=("given", "day"), include=("count",), name="one_row_a_tag_and_day"),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="a_tag_day_counts_something"),
                ],
            },
        ),
        migrations.AddField(
            model_name="tag",
            name="days",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="幾天後到期"),
        ),
        migrations.AddField(
            model_name="tag",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddField(
            model_name="tag",
            name="archived_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="tag",
            name="merged_into",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="former", to="members.tag"),
        ),
        migrations.AlterField(
            model_name="tag",
            name="name",
            field=models.CharField(max_length=30, verbose_name="標籤"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="one_tag_a_name"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="a_tag_has_a_name"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(condition=models.Q(("days", None), ("days__gte", 1), _connector="OR"), name="a_tag_lives_a_day"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(condition=models.Q(("merged_into", None), models.Q(("archived_at__isnull", False), models.Q(("merged_into", models.F("pk")), _negated=True)), _connector="OR"), name="a_merged_tag_is_archived"),
        ),
    ]
