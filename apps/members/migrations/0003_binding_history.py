"""Who was bound when is kept: a bond is only ever ended; a code can be passed on."""

from django.db import migrations, models

KEEP_HISTORY = """
create function members_binding_history() returns trigger language plpgsql as $$
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
create trigger binding_history before update or delete on members_binding
    for each row execute function members_binding_history();
"""
FORGET = """
drop trigger binding_history on members_binding;
drop function members_binding_history();
"""


class Migration(migrations.Migration):
    """Guard the bindings' past."""

    dependencies = [("members", "0002_append_only")]
    operations = [
        migrations.AddField(
            model_name="bindingcode",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.PROTECT,
                related_name="+",
                to="members.bindingcode",
            ),
        ),
        migrations.RunSQL(KEEP_HISTORY, FORGET),
    ]
