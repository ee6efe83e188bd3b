"""What must always hold of members: each query returns no row."""

INVARIANTS = {
    "members: nobody is bound to two at a time": """
        select a.member_id from members_binding a
        join members_binding b on b.member_id = a.member_id and b.id > a.id
         and b.period && a.period
    """,
    "members: who is bound to served at the store when it began": """
        select b.id from members_binding b
        where not exists (
            select 1 from staff_posting p
            where p.staff_id = b.staff_id and p.store_id = b.store_id
              and daterange(p.starts_on, p.ends_on) @>
                  (lower(b.period) at time zone 'Asia/Taipei')::date)
    """,
    "members: one LINE user is one member on an account": """
        select account_id, value from members_identity where kind = 'line'
        group by account_id, value having count(distinct member_id) > 1
    """,
    "members: a phone on a member's card is that member's key": """
        select m.id from members_member m
        join members_identity i on i.kind = 'phone' and i.value = m.phone
         and i.member_id <> m.id
        where m.merged_into_id is null
    """,
    "members: nobody has a tag that was merged into another": """
        select g.id from members_tag_members g join members_tag t on t.id = g.tag_id
        where t.merged_into_id is not null
    """,
    "members: a tag that was merged leads in one step to one that was not": """
        select t.id from members_tag t join members_tag o on o.id = t.merged_into_id
        where o.merged_into_id is not null
    """,
    "members: a tag was given at least as often as on the days that are kept": """
        select g.id from members_tag_members g
        join members_tagday d on d.given_id = g.id
        group by g.id having sum(d.count) > g.count
    """,
    "members: nobody registered without consenting to the terms": """
        select m.id from members_member m
        where m.stage = 'registered' and m.entry in ('qr', 'line')
          and m.merged_into_id is null
          and not exists (
            select 1 from members_consent c
            where c.member_id = m.id and c.purpose = 'terms' and c.is_granted)
    """,
    "members: one live code a slot": """
        select staff_id, store_id from members_bindingcode where revoked_at is null
        group by staff_id, store_id having count(*) > 1
    """,
    "members: an alias leads in one step to somebody who is none": """
        select a.id from members_member a
        join members_member m on m.id = a.merged_into_id
        where m.merged_into_id is not null
    """,
    "members: who is an alias was merged, and the merge stands": """
        select m.id from members_member m
        where m.merged_into_id is not null and not exists (
            select 1 from members_merge g
            where g.loser_id = m.id and g.undone_at is null)
        union
        select g.loser_id from members_merge g
        join members_member m on m.id = g.loser_id
        where g.undone_at is null and m.merged_into_id is null
    """,
    "members: no key leads to an alias": """
        select i.id from members_identity i
        join members_member m on m.id = i.member_id
        where m.merged_into_id is not null
    """,
    "members: an answer is of its question's kind, from among its choices": """
        select v.id from members_attributevalue v
        join members_attribute a on a.id = v.attribute_id
        where v.kind <> a.kind or exists (
            select 1 from unnest(v.picked) as pick where not exists (
                select 1 from members_attributechoice c
                where c.id = pick and c.attribute_id = a.id))
    """,
    "members: nobody is bound as an alias": """
        select b.id from members_binding b
        join members_member m on m.id = b.member_id
        where m.merged_into_id is not null and upper_inf(b.period)
    """,
}
