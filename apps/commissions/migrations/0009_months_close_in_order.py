"""With a month every month before it is closed."""

from django.db import migrations

GUARD = """
create or replace function month_is_open() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(4201, extract(epoch from new.month)::int / 86400);
    if exists (select 1 from commissions_closedmonth where month %s new.month) then
        raise exception 'month %% is closed', new.month using errcode = '23514';
    end if;
    return new;
end $$
"""


class Migration(migrations.Migration):
    """Let no entry land before the last closed month."""

    dependencies = [("commissions", "0008_pickup_fees")]
    operations = [
        migrations.RunSQL(
            GUARD.replace("%s", ">=").replace("%%", "%"),
            GUARD.replace("%s", "=").replace("%%", "%"),
        )
    ]
