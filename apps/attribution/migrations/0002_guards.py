"""Touches are never changed; the shares of a decision sum to the whole."""

from django.db import migrations

from apps.core.append_only import guard

SHARES = """
create function shares_sum_to_whole() returns trigger language plpgsql as $$
declare
    total int;
begin
    select sum(share) into total from attribution_credit
        where decision_id = new.decision_id;
    if total is distinct from 10000 then
        raise exception 'shares of decision % sum to %', new.decision_id, total
            using errcode = '23514';
    end if;
    return null;
end $$;
create constraint trigger shares_sum_to_whole
    after insert or update of share, decision_id on attribution_credit
    deferrable initially deferred
    for each row execute function shares_sum_to_whole();
"""
SHARES_UNDONE = """
drop trigger shares_sum_to_whole on attribution_credit;
drop function shares_sum_to_whole();
"""


class Migration(migrations.Migration):
    """Guard touches and shares."""

    dependencies = [("core", "0001_ground"), ("attribution", "0001_initial")]
    operations = [
        guard("attribution_touch"),
        migrations.RunSQL(SHARES, SHARES_UNDONE),
    ]
