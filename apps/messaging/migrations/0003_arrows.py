"""A delivery moves along the arrows of docs/architecture.md, whoever writes it."""

from django.db import migrations

ARROWS = """
create function delivery_moves_along_the_arrows() returns trigger
language plpgsql as $$
begin
    if old.state <> new.state and not (old.state, new.state) in (
        ('queued', 'sending'), ('queued', 'skipped'), ('queued', 'channel_hold'),
        ('queued', 'unknown'), ('queued', 'cancelled'),
        ('sending', 'accepted'), ('sending', 'queued'), ('sending', 'quota_hold'),
        ('sending', 'channel_hold'), ('sending', 'failed'), ('sending', 'unknown'),
        ('quota_hold', 'queued'), ('quota_hold', 'unknown'),
        ('quota_hold', 'cancelled'),
        ('channel_hold', 'queued'), ('channel_hold', 'unknown'),
        ('channel_hold', 'cancelled'),
        ('failed', 'queued'), ('unknown', 'queued')
    ) then
        raise exception 'delivery % cannot go from % to %', old.id, old.state, new.state
            using errcode = '23514';
    end if;
    if new.state = 'cancelled' and old.state <> 'cancelled' and old.was_ambiguous then
        raise exception 'delivery % may have been sent', old.id
            using errcode = '23514';
    end if;
    if new.retry_key <> old.retry_key or new.account_id <> old.account_id
        or new."to" <> old."to" or new.attempts < old.attempts
        or (old.kind = 'push' and new.kind <> 'push')
    then
        raise exception 'delivery % cannot change its key, address or past', old.id
            using errcode = '23514';
    end if;
    -- The same key must bring the same bubbles. What is settled may be erased.
    if new.messages <> old.messages and old.attempts > 0
        and new.state in ('queued', 'sending', 'quota_hold', 'channel_hold')
    then
        raise exception 'delivery % cannot change what was tried', old.id
            using errcode = '23514';
    end if;
    return new;
end $$;

create trigger moves_along_the_arrows before update on messaging_delivery
    for each row execute function delivery_moves_along_the_arrows();
"""

UNDONE = """
drop trigger moves_along_the_arrows on messaging_delivery;
drop function delivery_moves_along_the_arrows();
"""


class Migration(migrations.Migration):
    """Terminal states do not change; a retry key never does."""

    dependencies = [("messaging", "0002_pace_and_line")]
    operations = [migrations.RunSQL(ARROWS, UNDONE)]
