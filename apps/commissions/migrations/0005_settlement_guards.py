"""An approved settlement stands still; a ruling is never changed."""

from django.db import migrations

from apps.core.append_only import guard

GUARDS = """
create function settlement_moves_on() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.state <> 'draft' then
            raise exception 'settlement % is approved', old.month
                using errcode = '23514';
        end if;
        return old;
    end if;
    if not ((old.state = 'draft' and new.state in ('draft', 'approved'))
            or (old.state = 'approved' and new.state = 'paid')) then
        raise exception 'settlement % goes from % to %', old.month, old.state, new.state
            using errcode = '23514';
    end if;
    if old.state <> 'draft' and (
        old.month, old.people, old.entries, old.total, old.payout, old.prepared_by_id,
        old.approved_by_id, old.approved_at)
        is distinct from (
        new.month, new.people, new.entries, new.total, new.payout, new.prepared_by_id,
        new.approved_by_id, new.approved_at) then
        raise exception 'settlement % is approved', old.month using errcode = '23514';
    end if;
    return new;
end $$;
create trigger settlement_moves_on before update or delete on commissions_settlement
    for each row execute function settlement_moves_on();

create function settlement_line_stands() returns trigger language plpgsql as $$
begin
    if exists (
        select 1 from commissions_settlement s
        where s.id = coalesce(new.settlement_id, old.settlement_id)
          and s.state <> 'draft') then
        raise exception 'the settlement is approved' using errcode = '23514';
    end if;
    return coalesce(new, old);
end $$;
create trigger settlement_line_stands
    before insert or update or delete on commissions_settlementline
    for each row execute function settlement_line_stands();
"""
GUARDS_UNDONE = """
drop trigger settlement_line_stands on commissions_settlementline;
drop trigger settlement_moves_on on commissions_settlement;
drop function settlement_line_stands();
drop function settlement_moves_on();
"""


class Migration(migrations.Migration):
    """Guard settlements and rulings."""

    dependencies = [
        ("core", "0001_ground"),
        ("commissions", "0004_settlements_and_disputes"),
    ]
    operations = [
        guard("commissions_ruling"),
        migrations.RunSQL(GUARDS, GUARDS_UNDONE),
    ]
