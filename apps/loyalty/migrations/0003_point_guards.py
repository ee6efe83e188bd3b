"""The ledger of points moves accounts by itself and is never changed."""

from django.db import migrations

from apps.core.append_only import guard

# An entry moves its account before it is written: the account's row is the lock, and
# its checks (never below zero) refuse the entry. Nothing else moves an account.
GUARDS = """
create function move_points() returns trigger language plpgsql as $$
declare
    original bigint;
begin
    if new.reverses_id is not null then
        select points + pending - debt into original
          from loyalty_pointentry
         where id = new.reverses_id and member_id = new.member_id;
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
create trigger move_points before insert on loyalty_pointentry
    for each row execute function move_points();

create function points_move_by_entries() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' and new.balance = 0 and new.pending = 0 and new.debt = 0 then
        return new;
    end if;
    if tg_op = 'UPDATE' and pg_trigger_depth() > 1
       and new.member_id = old.member_id then
        return new;
    end if;
    raise exception 'an account of points is moved by entries alone'
        using errcode = '23514';
end $$;
create trigger points_move_by_entries
    before insert or update or delete on loyalty_pointaccount
    for each row execute function points_move_by_entries();
create trigger never_truncated before truncate on loyalty_pointaccount
    for each statement execute function append_only();
"""
GUARDS_UNDONE = """
drop trigger move_points on loyalty_pointentry;
drop function move_points();
drop trigger points_move_by_entries on loyalty_pointaccount;
drop trigger never_truncated on loyalty_pointaccount;
drop function points_move_by_entries();
"""


class Migration(migrations.Migration):
    """Guard accounts, entries, uses and the history of tiers."""

    dependencies = [("core", "0001_ground"), ("loyalty", "0002_points")]
    operations = [
        guard("loyalty_pointentry"),
        guard("loyalty_pointuse"),
        guard("loyalty_tierchange"),
        migrations.RunSQL(GUARDS, GUARDS_UNDONE),
    ]
