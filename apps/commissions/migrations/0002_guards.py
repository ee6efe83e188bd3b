"""The ledger is never changed, takes back no more than it gave, and closes by month."""

from django.db import migrations

from apps.core.append_only import guard

# An entry takes a shared lock on its month and closing an exclusive one, so that no
# entry slips in between the sum and the closing.
GUARDS = """
create function month_is_open() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(4201, extract(epoch from new.month)::int / 86400);
    if exists (select 1 from commissions_closedmonth where month = new.month) then
        raise exception 'month % is closed', new.month using errcode = '23514';
    end if;
    return new;
end $$;
create trigger month_is_open before insert on commissions_commissionentry
    for each row execute function month_is_open();

create function closing_waits() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(4201, extract(epoch from new.month)::int / 86400);
    return new;
end $$;
create trigger closing_waits before insert on commissions_closedmonth
    for each row execute function closing_waits();

create function reversals_within_accrual() returns trigger language plpgsql as $$
declare
    given bigint;
    taken bigint;
begin
    select amount into given from commissions_commissionentry
        where id = new.reverses_id for update;
    select coalesce(sum(amount), 0) into taken from commissions_commissionentry
        where reverses_id = new.reverses_id;
    if given + taken < 0 then
        raise exception 'entry % is reversed beyond its amount', new.reverses_id
            using errcode = '23514';
    end if;
    return null;
end $$;
create trigger reversals_within_accrual after insert on commissions_commissionentry
    for each row when (new.reverses_id is not null)
    execute function reversals_within_accrual();
"""
GUARDS_UNDONE = """
drop trigger month_is_open on commissions_commissionentry;
drop trigger closing_waits on commissions_closedmonth;
drop trigger reversals_within_accrual on commissions_commissionentry;
drop function month_is_open();
drop function closing_waits();
drop function reversals_within_accrual();
"""


class Migration(migrations.Migration):
    """Guard the ledger and its closed months."""

    dependencies = [("core", "0001_ground"), ("commissions", "0001_initial")]
    operations = [
        guard("commissions_commissionentry"),
        guard("commissions_closedmonth"),
        migrations.RunSQL(GUARDS, GUARDS_UNDONE),
    ]
