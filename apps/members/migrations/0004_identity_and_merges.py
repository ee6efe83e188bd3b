"""Keys of every system, conflicts, merges that can be undone, leads."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


# Bonds and consents are history. Whose they are changes only with a merge that names
# the row, and only in the transaction that merges or undoes it.
PERMITS = """
create function members_merge_permits(
    which_model text, which_row bigint, giver bigint, taker bigint
) returns boolean language sql stable as $$
    select exists (
        select 1 from members_mergedrow r
        join members_merge m on m.id = r.merge_id
        where r.model = which_model and r.row_id = which_row
          and m.transaction = txid_current()
          and case when m.undone_at is null
              then (m.loser_id, m.keeper_id) = (giver, taker)
              else (m.keeper_id, m.loser_id) = (giver, taker) end)
$$;

create or replace function members_binding_history() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a binding is never deleted' using errcode = '23514';
    end if;
    if old.member_id <> new.member_id and old.period = new.period
       and members_merge_permits(
           'members.Binding', old.id, old.member_id, new.member_id)
    then
        return new;
    end if;
    if not upper_inf(old.period) or lower(new.period) <> lower(old.period)
       or (new.member_id, new.staff_id, new.store_id, new.source, new.created_at)
          is distinct from
          (old.member_id, old.staff_id, old.store_id, old.source, old.created_at)
    then
        raise exception 'of a binding only the open end is set' using errcode = '23514';
    end if;
    return new;
end $$;

create function members_consent_stands() returns trigger language plpgsql as $$
begin
    if to_jsonb(old) - 'member_id' = to_jsonb(new) - 'member_id'
       and members_merge_permits(
           'members.Consent', old.id, old.member_id, new.member_id)
    then
        return new;
    end if;
    raise exception 'members_consent is append-only' using errcode = '23514';
end $$;
drop trigger append_only on members_consent;
create trigger append_only before delete on members_consent
    for each row execute function append_only();
create trigger consent_stands before update on members_consent
    for each row execute function members_consent_stands();
"""
FORBIDS = """
drop trigger consent_stands on members_consent;
drop trigger append_only on members_consent;
create trigger append_only before update or delete on members_consent
    for each row execute function append_only();
drop function members_consent_stands();
create or replace function members_binding_history() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a binding is never deleted' using errcode = '23514';
    end if;
    if not upper_inf(old.period) or lower(new.period) <> lower(old.period)
       or (new.member_id, new.staff_id, new.store_id, new.source, new.created_at)
          is distinct from
          (old.member_id, old.staff_id, old.store_id, old.source, old.created_at)
    then
        raise exception 'of a binding only the open end is set' using errcode = '23514';
    end if;
    return new;
end $$;
drop function members_merge_permits(text, bigint, bigint, bigint);
"""
# An id of a shop or till from before it was told which one it is of.
NAME_SYSTEMS = """
update members_identity set system = kind where kind in ('shop', 'pos')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0002_empty_secrets'),
        ('members', '0003_binding_history'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('order', '訂單'), ('registration', '入會'), ('import', '匯入'), ('hq', '總部')], max_length=12)),
                ('first_kinds', models.CharField(max_length=60)),
                ('second_kinds', models.CharField(max_length=60)),
                ('reference', models.CharField(blank=True, max_length=80)),
                ('times', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('open', '待確認'), ('merged', '已合併'), ('apart', '不同人')], default='open', max_length=8)),
                ('created_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': '疑似同一人',
                'verbose_name_plural': '疑似同一人',
            },
        ),
        migrations.CreateModel(
            name='Lead',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='lead', serialize=False, to='members.member')),
                ('interest', models.CharField(blank=True, max_length=120, verbose_name='有興趣的')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='備註')),
                ('state', models.CharField(choices=[('new', '新進'), ('assigned', '已指派'), ('contacted', '已聯絡'), ('converted', '已成為會員'), ('closed', '不再跟進')], default='new', max_length=10, verbose_name='狀態')),
                ('assigned_at', models.DateTimeField(null=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '潛在顧客',
                'verbose_name_plural': '潛在顧客',
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('moved', models.JSONField(default=dict)),
                ('merged_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('transaction', models.BigIntegerField(db_default=django.db.models.expressions.RawSQL('txid_current()', []))),
            ],
            options={
                'verbose_name': '會員合併',
                'verbose_name_plural': '會員合併',
            },
        ),
        migrations.CreateModel(
            name='MergedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.CharField(max_length=60)),
                ('field', models.CharField(max_length=20)),
                ('row_id', models.BigIntegerField()),
                ('was', models.JSONField(default=dict)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='identity',
            name='one_member_a_key',
        ),
        migrations.RemoveIndex(
            model_name='member',
            name='member_name_trgm',
        ),
        migrations.AddField(
            model_name='identity',
            name='system',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='member',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='aliases', to='members.member'),
        ),
        migrations.AlterField(
            model_name='binding',
            name='source',
            field=models.CharField(choices=[('login', '掃碼（LINE 登入）'), ('liff', '掃碼（LINE 內頁）'), ('message', '掃碼（傳送訊息）'), ('manual', '總部指定'), ('import', '匯入'), ('handover', '離職交接'), ('merge', '會員合併')], max_length=10),
        ),
        migrations.AlterField(
            model_name='identity',
            name='kind',
            field=models.CharField(choices=[('line', 'LINE'), ('phone', '手機'), ('card', '會員卡號'), ('shop', '官網帳號'), ('app', 'App 帳號'), ('pos', 'POS 編號'), ('email', '電子郵件')], max_length=8),
        ),
        migrations.AddIndex(
            model_name='member',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('nickname'), 'gin_trgm_ops'), name='member_names_trgm'),
        ),
        migrations.AddIndex(
            model_name='member',
            index=models.Index(models.F('merged_into'), condition=models.Q(('merged_into__isnull', False)), name='member_alias'),
        ),
        migrations.AddConstraint(
            model_name='identity',
            constraint=models.UniqueConstraint(fields=('kind', 'account', 'system', 'value'), name='one_member_a_key', nulls_distinct=False),
        ),
        migrations.RunSQL(NAME_SYSTEMS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='identity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('shop', 'app', 'pos')), models.Q(('system', ''), _negated=True)), models.Q(models.Q(('kind__in', ('shop', 'app', 'pos')), _negated=True), ('system', '')), _connector='OR'), name='a_local_key_names_its_system'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='nobody_is_their_own_alias'),
        ),
        migrations.AddField(
            model_name='conflict',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='conflict',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member'),
        ),
        migrations.AddField(
            model_name='conflict',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member'),
        ),
        migrations.AddField(
            model_name='lead',
            name='staff',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lead',
            name='store',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='stores.store'),
        ),
        migrations.AddField(
            model_name='merge',
            name='keeper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='members.member'),
        ),
        migrations.AddField(
            model_name='merge',
            name='loser',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member'),
        ),
        migrations.AddField(
            model_name='merge',
            name='merged_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='merge',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='mergedrow',
            name='merge',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='members.merge'),
        ),
        migrations.AddIndex(
            model_name='conflict',
            index=models.Index(models.F('seen_at'), condition=models.Q(('state', 'open')), name='conflict_open'),
        ),
        migrations.AddConstraint(
            model_name='conflict',
            constraint=models.UniqueConstraint(models.F('first'), models.F('second'), name='one_conflict_a_pair'),
        ),
        migrations.AddConstraint(
            model_name='conflict',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='the_smaller_id_comes_first'),
        ),
        migrations.AddIndex(
            model_name='merge',
            index=models.Index(fields=['-merged_at'], name='members_mer_merged__a9f473_idx'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('loser',), name='merged_away_once'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(('keeper', models.F('loser')), _negated=True), name='a_merge_is_of_two'),
        ),
        migrations.AddConstraint(
            model_name='mergedrow',
            constraint=models.UniqueConstraint(models.F('merge'), models.F('model'), models.F('field'), models.F('row_id'), name='a_row_moves_once_a_merge'),
        ),
        migrations.RunSQL(PERMITS, FORBIDS),
    ]
