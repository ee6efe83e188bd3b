"""Coupons, copies and uses move along their arrows; the counting is the database's."""

from django.db import migrations

GUARDS = """
create function coupon_moves_along_the_arrows() returns trigger
language plpgsql as $$
begin
    if old.state <> new.state and not (old.state, new.state) in (
        ('draft', 'live'), ('live', 'paused'), ('paused', 'live'),
        ('live', 'ended'), ('paused', 'ended')
    ) then
        raise exception 'coupon % cannot go from % to %', old.id, old.state, new.state
            using errcode = '23514';
    end if;
    return new;
end $$;
create trigger coupon_moves_along_the_arrows before update of state
    on loyalty_coupon for each row execute function coupon_moves_along_the_arrows();

create function coupon_copy_moves_along_the_arrows() returns trigger
language plpgsql as $$
begin
    if old.state <> new.state and not (old.state, new.state) in (
        ('issued', 'reserved'), ('issued', 'redeemed'), ('issued', 'voided'),
        ('reserved', 'redeemed'), ('reserved', 'issued'), ('redeemed', 'issued')
    ) then
        raise exception 'copy % cannot go from % to %', old.id, old.state, new.state
            using errcode = '23514';
    end if;
    if old.coupon_id <> new.coupon_id or old.key <> new.key
        or old.issued_at <> new.issued_at
    then
        raise exception 'copy % cannot change what it is', old.id
            using errcode = '23514';
    end if;
    return new;
end $$;
create trigger coupon_copy_moves_along_the_arrows before update
    on loyalty_couponissue for each row
    execute function coupon_copy_moves_along_the_arrows();

create function coupon_use_moves_along_the_arrows() returns trigger
language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.state = 'voided' then
            raise exception 'a use does not begin void' using errcode = '23514';
        end if;
        return new;
    end if;
    if old.state = 'voided' or (old.state <> new.state
        and not (old.state, new.state) in (
            ('reserved', 'redeemed'), ('reserved', 'voided'), ('redeemed', 'voided')))
    then
        raise exception 'use % cannot go from % to %', old.id, old.state, new.state
            using errcode = '23514';
    end if;
    if old.issue_id <> new.issue_id or old.order_source <> new.order_source
        or old.order_external_id <> new.order_external_id
        or (old.state = 'redeemed' and (old.discount <> new.discount
            or old.basket_total <> new.basket_total
            or old.redeemed_at <> new.redeemed_at))
    then
        raise exception 'use % cannot change what happened', old.id
            using errcode = '23514';
    end if;
    return new;
end $$;
create trigger coupon_use_moves_along_the_arrows before insert or update
    on loyalty_couponuse for each row
    execute function coupon_use_moves_along_the_arrows();

-- The copy's state and the coupon's count follow the uses, whoever writes them. A
-- taken-back copy has no arrow to go along, so that it cannot be used.
create function coupon_use_is_counted() returns trigger language plpgsql as $$
declare
    delta int := 0;
begin
    if tg_op = 'INSERT' then
        delta := 1;
        update loyalty_couponissue set state = new.state where id = new.issue_id;
    elsif tg_op = 'DELETE' then
        delta := case when old.state = 'voided' then 0 else -1 end;
    elsif new.state = 'voided' and old.state <> 'voided' then
        delta := -1;
        update loyalty_couponissue set state = 'issued' where id = new.issue_id;
    elsif new.state <> old.state then
        update loyalty_couponissue set state = new.state where id = new.issue_id;
    end if;
    if delta <> 0 then
        update loyalty_coupon c set used = used + delta
            from loyalty_couponissue i
            where c.id = i.coupon_id
              and i.id = case when tg_op = 'DELETE' then old.issue_id
                              else new.issue_id end;
    end if;
    return null;
end $$;
create trigger coupon_use_is_counted after insert or update of state or delete
    on loyalty_couponuse for each row execute function coupon_use_is_counted();

-- What happened with real copies stays; only the trials of a draft are wiped.
create function coupon_uses_are_kept() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from loyalty_couponissue i
                   where i.id = old.issue_id and i.source = 'test') then
        raise exception 'use % is kept', old.id using errcode = '23514';
    end if;
    return old;
end $$;
create trigger coupon_uses_are_kept before delete on loyalty_couponuse
    for each row execute function coupon_uses_are_kept();

create function coupon_copies_are_kept() returns trigger language plpgsql as $$
begin
    if old.source <> 'test' then
        raise exception 'copy % is kept', old.id using errcode = '23514';
    end if;
    return old;
end $$;
create trigger coupon_copies_are_kept before delete on loyalty_couponissue
    for each row execute function coupon_copies_are_kept();
"""
GUARDS_UNDONE = """
drop trigger coupon_copies_are_kept on loyalty_couponissue;
drop trigger coupon_uses_are_kept on loyalty_couponuse;
drop trigger coupon_use_is_counted on loyalty_couponuse;
drop trigger coupon_use_moves_along_the_arrows on loyalty_couponuse;
drop trigger coupon_copy_moves_along_the_arrows on loyalty_couponissue;
drop trigger coupon_moves_along_the_arrows on loyalty_coupon;
drop function coupon_copies_are_kept();
drop function coupon_uses_are_kept();
drop function coupon_use_is_counted();
drop function coupon_use_moves_along_the_arrows();
drop function coupon_copy_moves_along_the_arrows();
drop function coupon_moves_along_the_arrows();
"""


class Migration(migrations.Migration):
    """Guard the coupons."""

    dependencies = [("loyalty", "0004_coupons")]
    operations = [migrations.RunSQL(GUARDS, GUARDS_UNDONE)]
