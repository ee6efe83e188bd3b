"""The extensions and trigger functions that the tables above stand on."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

APPEND_ONLY = """
create function append_only() returns trigger language plpgsql as $$
begin
    raise exception '% on % is refused: its rows are never changed', tg_op, tg_table_name
        using errcode = '23514';
end $$;
"""


class Migration(migrations.Migration):
    """`append_only()` guards ledgers against UPDATE, DELETE and TRUNCATE."""

    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(APPEND_ONLY, "drop function append_only()"),
    ]
