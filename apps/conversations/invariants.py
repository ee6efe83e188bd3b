"""What must always hold of conversations: each query returns no row."""

INVARIANTS = {
    "conversations: one of an account and address": """
        select account_id, address from conversations_conversation
        group by account_id, address having count(*) > 1
    """,
    "conversations: it is of the member whose address it is": """
        select c.id from conversations_conversation c
        join members_identity i on i.kind = 'line' and i.account_id = c.account_id
         and i.value = c.address
        where i.member_id <> c.member_id
    """,
    "conversations: a channel's message is kept once": """
        select account_id, external_id from conversations_message
        where external_id is not null
        group by account_id, external_id having count(*) > 1
    """,
    "conversations: a message lies in its account's conversation": """
        select m.id from conversations_message m
        join conversations_conversation c on c.id = m.conversation_id
        where c.account_id <> m.account_id
    """,
    "conversations: what was unsent holds no words and no file": """
        select id from conversations_message
        where unsent_at is not null
          and (text <> '' or facts <> '{}'::jsonb
               or (media <> '' and media_state <> 'erase'))
    """,
    "conversations: nobody waits in a closed or blocked conversation": """
        select id from conversations_conversation
        where waiting_since is not null and (status = 'closed' or is_blocked)
    """,
    "conversations: somebody on a staff desk is there": """
        select id from conversations_conversation
        where (desk = 'staff') <> (staff_id is not null)
    """,
    "conversations: an outgoing message of a salesperson earned at most one touch": """
        select evidence_id from attribution_touch
        where kind = 'chat_reply' and evidence_type = 'message'
        group by evidence_id having count(*) > 1
    """,
    "conversations: a message and its delivery go to the same person": """
        select m.id from conversations_message m
        join conversations_conversation c on c.id = m.conversation_id
        join messaging_delivery d on d.id = m.delivery_id
        where d."to" <> c.address or d.account_id <> c.account_id
    """,
}
