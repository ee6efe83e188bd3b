"""What a lot earned is taken back from whom it has come to by a merge of members."""

from django.db import migrations, models

# As before, but of the lot's member: a merge moves lots, never entries.
MOVE = """
create or replace function move_points() returns trigger language plpgsql as $$
declare
    original bigint;
begin
    if new.reverses_id is not null then
        select e.points + e.pending - e.debt into original
          from loyalty_pointentry e
          left join loyalty_pointlot l on l.entry_id = e.id
         where e.id = new.reverses_id
           and coalesce(l.member_id, e.member_id) = new.member_id;
        if original is null
           or sign(new.points + new.pending - new.debt) = sign(original)
           or abs(new.points + new.pending - new.debt) > abs(original) then
            raise exception 'entry % is reversed beyond its worth', new.reverses_id
                using errcode = '23514';
        end if;
    end if;
    update loyalty_pointaccount
       set balance = balance + new.points, pending = pending + new.pending,
           debt = debt + new.debt
     where member_id = new.member_id
    returning balance, pending, debt
         into new.balance_after, new.pending_after, new.debt_after;
    if not found then
        raise exception 'member % has no account of points', new.member_id
            using errcode = '23503';
    end if;
    return new;
end $$;
"""


class Migration(migrations.Migration):
    """Let a lot be reversed by its present holder; name merges on the ladder."""

    dependencies = [
        ("loyalty", "0005_coupon_guards"),
        ("members", "0004_identity_and_merges"),
    ]
    operations = [
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="tierchange",
            name="reason",
            field=models.CharField(
                choices=[
                    ("start", "入會"),
                    ("upgrade", "達到升等門檻"),
                    ("renewal", "達到續等門檻"),
                    ("expiry", "效期屆滿，未達續等門檻"),
                    ("refund", "退款後未達門檻"),
                    ("manual", "人工調整"),
                    ("code", "輸入升等碼"),
                    ("merge", "會員合併"),
                ],
                max_length=8,
            ),
        ),
    ]
