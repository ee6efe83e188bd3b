"""Put the `append_only()` guard on a table, from a migration."""

from django.db import migrations


def guard(table: str) -> migrations.RunSQL:
    """Return the operation that refuses UPDATE, DELETE and TRUNCATE on the table."""
    return migrations.RunSQL(
        f"""
        create trigger append_only before update or delete on {table}
            for each row execute function append_only();
        create trigger never_truncated before truncate on {table}
            for each statement execute function append_only();
        """,
        f"""
        drop trigger append_only on {table};
        drop trigger never_truncated on {table};
        """,
    )
