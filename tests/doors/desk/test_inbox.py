"""The inbox: who sees which conversation, and what an answer does."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from apps.conversations import reports
from apps.conversations import services as conversations
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.messaging.models import Delivery
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhongshan() -> Store:
    return make.store()


@pytest.fixture
def lin(zhongshan: Store) -> Staff:
    return make.staff("林怡君", at=zhongshan)


@pytest.fixture
def colleague(zhongshan: Store) -> Staff:
    return make.staff("蔡承恩", at=zhongshan)


@pytest.fixture
def service() -> Staff:
    return make.staff("邱詩涵", role=Staff.Role.SERVICE)


def talk(
    name: str = "陳思妤",
    *,
    to: Staff | None = None,
    at: Store | None = None,
    said: str = "駝色 M 號有貨嗎？",
    **fields: Any,
) -> Conversation:
    """Make a conversation in which the customer waits for an answer."""
    now = clock.now()
    account = make.account()
    user_id = make.line_user_id()
    member = make.member(name, user_id=user_id)
    defaults = {
        "desk": "staff" if to else "hq",
        "staff": to,
        "store": at,
        "last_message_at": now,
        "waiting_since": now - timedelta(minutes=3),
        "preview": said,
        "unread": 1,
        "created_at": now,
    }
    conversation = Conversation.objects.create(
        account=account, member=member, address=user_id, **(defaults | fields)
    )
    Message.objects.create(
        conversation=conversation, account=account, direction="in", text=said,
        external_id=str(make.number()), at=now - timedelta(minutes=3),
    )  # fmt: skip
    return conversation


def signed_in(client: Client, person: Staff) -> Client:
    client.force_login(person)
    return client


def send(client: Client, conversation: Conversation, **data: str) -> Any:
    return client.post(f"/chat/{conversation.pk}/messages/", data)


def test_a_salesperson_lists_only_their_own(
    client: Client, lin: Staff, colleague: Staff, zhongshan: Store
) -> None:
    talk("陳思妤", to=lin, at=zhongshan)
    talk("王小明", to=colleague, at=zhongshan)
    talk("路人")

    page = signed_in(client, lin).get("/chat/").content.decode()

    assert "陳思妤" in page
    assert "王小明" not in page
    assert "路人" not in page


@pytest.mark.parametrize("path", ["", "thread/", "price/", "products/"])
def test_anothers_conversation_does_not_exist(
    client: Client, colleague: Staff, lin: Staff, zhongshan: Store, path: str
) -> None:
    conversation = talk(to=lin, at=zhongshan)

    answer = signed_in(client, colleague).get(f"/chat/{conversation.pk}/{path}")

    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["messages/", "notes/", "closing/", "seen/"])
def test_nothing_can_be_done_to_anothers_conversation(
    client: Client, colleague: Staff, lin: Staff, zhongshan: Store, path: str
) -> None:
    conversation = talk(to=lin, at=zhongshan)

    answer = signed_in(client, colleague).post(
        f"/chat/{conversation.pk}/{path}", {"text": "嗨"}
    )

    assert answer.status_code == 404
    assert not Delivery.objects.exists()


def test_a_manager_sees_the_stores_conversations(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    manager = make.staff("周曼寧", at=zhongshan, role=Staff.Role.MANAGER)
    elsewhere = make.staff("羅靜怡", at=make.store("信義"), role=Staff.Role.MANAGER)

    assert (
        signed_in(client, manager).get(f"/chat/{conversation.pk}/").status_code == 200
    )
    assert (
        signed_in(client, elsewhere).get(f"/chat/{conversation.pk}/").status_code == 404
    )


def test_an_answer_is_queued_once_however_often_it_is_clicked(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    signed_in(client, lin)
    click = {"text": "有的", "client_id": str(uuid.uuid4())}

    first, second = (send(client, conversation, **click) for _click in range(2))

    assert first.status_code == second.status_code == 302
    assert Delivery.objects.count() == 1
    message = Message.objects.get(direction="out")
    assert message.text == "有的"
    assert message.staff == lin


def test_an_answer_under_htmx_brings_the_bubble_with_its_id(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    client_id = str(uuid.uuid4())

    answer = signed_in(client, lin).post(
        f"/chat/{conversation.pk}/messages/",
        {"text": "有的", "client_id": client_id},
        headers={"HX-Request": "true"},
    )

    assert f'id="m-{client_id}"' in answer.content.decode()
    assert 'hx-swap-oob="true"' in answer.content.decode()


def test_an_empty_answer_is_refused_with_a_reason(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)

    answer = send(signed_in(client, lin), conversation, text="  ")

    assert answer.status_code == 422
    assert "還沒有寫字" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_a_product_is_sent_as_a_card_with_a_link_of_the_salespersons_own(
    client: Client, lin: Staff, zhongshan: Store, settings: Any
) -> None:
    settings.SHOP_URL = "https://shop.example.com"
    conversation = talk(to=lin, at=zhongshan)
    coat = make.product()

    send(signed_in(client, lin), conversation, product=str(coat.pk))

    message = Message.objects.get(kind="product")
    assert message.facts["name"] == coat.name
    assert "/l/" in message.facts["url"]
    assert message.delivery is not None
    assert message.delivery.messages[0]["type"] == "flex"


def test_a_blocked_customer_cannot_be_written_to(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan, is_blocked=True, waiting_since=None)
    signed_in(client, lin)

    assert "已封鎖官方帳號" in client.get(f"/chat/{conversation.pk}/").content.decode()
    assert send(client, conversation, text="嗨").status_code == 422


def test_a_note_stays_in_the_house(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)

    signed_in(client, lin).post(f"/chat/{conversation.pk}/notes/", {"text": "怕刺"})

    page = client.get(f"/chat/{conversation.pk}/").content.decode()
    assert "怕刺" in page
    assert "內部備註，顧客看不到" in page
    assert not Delivery.objects.exists()


def test_a_closed_conversation_can_be_opened_again(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    signed_in(client, lin)

    client.post(f"/chat/{conversation.pk}/closing/")
    conversation.refresh_from_db()
    assert not conversation.is_open
    assert "陳思妤" in client.get("/chat/?filter=closed").content.decode()

    client.delete(f"/chat/{conversation.pk}/closing/")
    conversation.refresh_from_db()
    assert conversation.is_open


def test_hq_takes_a_pending_conversation_over(client: Client, service: Staff) -> None:
    conversation = talk("路人")

    signed_in(client, service).post(f"/chat/{conversation.pk}/assignment/")

    conversation.refresh_from_db()
    assert conversation.staff == service


def test_a_failed_message_is_sent_again_as_the_same_one(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    message = conversations.reply(
        conversation, text="有的", client_id=uuid.uuid4(), by=lin, now=clock.now()
    )
    delivery = message.delivery
    assert delivery is not None
    # The arrows allow failed only after sending.
    delivery.tries.create(at=clock.now())
    Delivery.objects.filter(pk=delivery.pk).update(state="sending", attempts=1)
    Delivery.objects.filter(pk=delivery.pk).update(state="failed", reason="boom")
    signed_in(client, lin)
    assert (
        "沒送出，點此重送" in client.get(f"/chat/{conversation.pk}/").content.decode()
    )

    client.post(f"/chat/messages/{message.pk}/sending/")

    again = Delivery.objects.get()
    assert again.state == "queued"
    assert again.retry_key == delivery.retry_key


def test_the_thread_is_given_only_when_it_changed(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    signed_in(client, lin)
    page = client.get(f"/chat/{conversation.pk}/thread/")
    stamp = page.context["stamp"]

    same = client.get(f"/chat/{conversation.pk}/thread/?stamp={stamp}")
    send(client, conversation, text="有的")
    changed = client.get(f"/chat/{conversation.pk}/thread/?stamp={stamp}")

    assert same.status_code == 204
    assert changed.status_code == 200


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "以回覆送出，不計推播用量"), (-1, "以推播送出，計 1 則")],
)
def test_the_composer_says_what_the_message_costs(
    client: Client, lin: Staff, zhongshan: Store, minutes: int, words: str
) -> None:
    until = clock.now() + timedelta(minutes=minutes)
    conversation = talk(to=lin, at=zhongshan, reply_token="t", reply_until=until)

    page = signed_in(client, lin).get(f"/chat/{conversation.pk}/price/")

    assert words in page.content.decode()


@pytest.mark.parametrize("rows", [1, 40])
def test_pages_cost_the_same_whatever_their_length(
    client: Client,
    lin: Staff,
    zhongshan: Store,
    rows: int,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    talks = [talk(f"顧客{n}", to=lin, at=zhongshan) for n in range(rows)]
    for _message in range(rows):
        send(signed_in(client, lin), talks[0], text="您好")
    client.get("/chat/")

    with django_assert_max_num_queries(8):
        client.get("/chat/")
    with django_assert_max_num_queries(22):
        client.get(f"/chat/{talks[0].pk}/")


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_the_pages_open_in_both_languages(
    client: Client, lin: Staff, zhongshan: Store, language: str
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    client.cookies["django_language"] = language
    signed_in(client, lin)

    with translation.override(language):
        assert client.get("/chat/").status_code == 200
        assert client.get(f"/chat/{conversation.pk}/").status_code == 200


SCRIPT = "<script>alert(1)</script>"


def test_what_customers_write_never_becomes_markup_in_the_list(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    talk(f'"{SCRIPT}', to=lin, at=zhongshan, said=f"{SCRIPT}'&")
    signed_in(client, lin)

    page = client.get(f'/chat/?filter={SCRIPT}"').content.decode()

    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "&quot;&lt;script&gt;alert(1)&lt;/script&gt;</span>" in page
    assert "filter=%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22" in page


def test_a_row_names_the_customer_the_wait_and_the_way(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    conversation = talk(to=lin, at=zhongshan)
    signed_in(client, lin)

    with translation.override("zh-hant"):
        page = client.get("/chat/?filter=waiting&open=7").content.decode()
        opened = client.get(
            f"/chat/?open={conversation.pk}", headers={"HX-Request": "true"}
        ).content.decode()

    assert f'href="/chat/{conversation.pk}/?filter=waiting"' in page
    assert "等 3 分" in page
    assert "aria-current" in opened
    assert "<html" not in opened


def test_the_list_shows_a_screen_of_rows_and_more_when_asked(
    client: Client, lin: Staff, zhongshan: Store
) -> None:
    for number in range(reports.PAGE + 2):
        talk(f"顧客{number}", to=lin, at=zhongshan)
    signed_in(client, lin)

    first, more, none = (
        client.get("/chat/", {"pages": pages}).content.decode()
        for pages in ("", "2", "9" * 30)
    )

    assert first.count('id="conversation-') == reports.PAGE
    assert 'id="more"' in first
    assert more.count('id="conversation-') == reports.PAGE + 2
    assert 'id="more"' not in more
    assert none.count('id="conversation-') == reports.PAGE
