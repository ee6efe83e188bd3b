"""A published plan stands but for its end; rulings and corrections are never changed."""

from django.db import migrations

from apps.core.append_only import guard

GUARDS = """
create function plan_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'plan % is published', old.id using errcode = '23514';
    end if;
    if to_jsonb(old) - 'ends_on' is distinct from to_jsonb(new) - 'ends_on' then
        raise exception 'plan % is published', old.id using errcode = '23514';
    end if;
    return new;
end $$;
create trigger plan_stands before update or delete on commissions_plan
    for each row execute function plan_stands();
"""
GUARDS_UNDONE = """
drop trigger plan_stands on commissions_plan;
drop function plan_stands();
"""


class Migration(migrations.Migration):
    """Guard plans, rulings on refunds, and corrections."""

    dependencies = [
        ("core", "0001_ground"),
        ("commissions", "0006_plans_faults_and_corrections"),
    ]
    operations = [
        guard("commissions_refundruling"),
        guard("commissions_correction"),
        migrations.RunSQL(GUARDS, GUARDS_UNDONE),
    ]
