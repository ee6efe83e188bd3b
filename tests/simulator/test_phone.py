"""The phones' pages and the shop's: whole without htmx, and true to the rules."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import Settings

from apps.simulator.models import (
    ChatMessage,
    Friendship,
    OfficialAccount,
    Person,
    ShopOrder,
)
from apps.simulator.phone import stage
from apps.simulator.shop import api
from tests.simulator.conftest import HELLO, Line

State = Friendship.State


def phone(person: Person, **query: str) -> str:
    answer = Client().get(f"/phone/{person.user_id}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_wall_shows_people_and_finds_one(
    account: OfficialAccount, befriended: Callable[..., Person]
) -> None:
    befriended("陳思妤"), befriended("王小明")
    assert "王小明" in Client().get("/").content.decode()
    found = Client().get("/", {"q": "思妤"}).content.decode()
    assert "陳思妤" in found
    assert "王小明" not in found


def test_a_sender_a_card_and_quick_replies_are_drawn(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    button = {"type": "uri", "label": "看商品", "uri": "https://example.com/l/abc"}
    card = {
        "type": "flex",
        "altText": "大衣",
        "sender": {"name": "林怡君"},
        "contents": {
            "type": "bubble",
            "footer": {
                "type": "box",
                "layout": "vertical",
                "contents": [{"type": "button", "action": button}],
            },
        },
    }
    ask = {"type": "message", "label": "尺寸", "text": "尺寸怎麼選"}
    items = [{"type": "action", "action": ask}]
    line.push(friend.user_id, card, {**HELLO, "quickReply": {"items": items}})
    html = phone(friend)
    assert "林怡君" in html
    assert quote("https://example.com/l/abc", safe="") in html
    assert "尺寸怎麼選" in html
    assert "style=" not in html


def test_what_people_write_is_escaped(account: OfficialAccount, friend: Person) -> None:
    url = f"/phone/{friend.user_id}/chats/main/messages/"
    Client().post(url, {"text": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in phone(friend)


def test_text_sticker_and_place_are_sent_from_the_page(
    account: OfficialAccount, friend: Person
) -> None:
    url = f"/phone/{friend.user_id}/chats/main/messages/"
    for form in ({"text": "您好"}, {"sticker": "1988"}, {"place": "home"}):
        assert Client().post(url, form).status_code == 302
    kinds = [row.kind for row in ChatMessage.objects.order_by("pk")]
    assert kinds == ["text", "sticker", "location"]


def test_the_poll_answers_204_until_something_changes(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    url = f"/phone/{friend.user_id}/chats/main/thread/"
    html = Client().get(url).content.decode()
    seen = html.partition("?seen=")[2].partition('"')[0]
    assert Client().get(url, {"seen": seen}).status_code == 204
    line.push(friend.user_id)
    assert Client().get(url, {"seen": seen}).status_code == 200


def test_a_message_that_comes_while_the_thread_is_drawn_is_asked_for_again(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    drawn = stage.chat(account, friend)
    line.push(friend.user_id)
    later = stage.chat(account, friend)

    assert len(later.rows) == len(drawn.rows) + 1
    assert drawn.version != later.version


def test_blocking_and_unblocking_from_the_page(
    account: OfficialAccount, friend: Person
) -> None:
    base = f"/phone/{friend.user_id}/chats/main"
    Client().post(f"{base}/block/")
    assert Friendship.objects.get().is_blocked
    refused = Client().post(f"{base}/messages/", {"text": "您好"})
    assert refused.status_code == 422
    Client().post(f"{base}/friend/")
    assert Friendship.objects.get().is_friend


def test_a_scanned_link_opens_in_the_phones_browser(friend: Person) -> None:
    link = "https://example.com/l/abc"
    answer = Client().get(f"/phone/{friend.user_id}/", {"scan": link})
    assert answer["Location"].endswith(f"?open={quote(link, safe='')}")
    friend.refresh_from_db()
    assert friend.recent_links == [link]
    opened = Client().get(f"/phone/{friend.user_id}/open", {"url": link})
    assert opened["Location"] == link
    assert "sim_phone" in opened.cookies
    bad = Client().post(f"/phone/{friend.user_id}/scan/", {"url": "javascript:1"})
    assert bad.status_code == 422


def test_a_prefilled_chat_waits_for_the_person_to_send_it(
    account: OfficialAccount, friend: Person
) -> None:
    client = Client()
    client.get(f"/phone/{friend.user_id}/")
    to = client.get("/R/oaMessage/%40qingchuan/?" + quote("綁定 QC-7H2K"))
    assert "text=" in to.content.decode()
    html = phone(friend, account="main", text="綁定 QC-7H2K")
    assert "綁定 QC-7H2K</textarea>" in html
    assert not ChatMessage.objects.exists()


PRODUCTS = {
    "products": [
        {
            "code": "C01",
            "name": "羊毛混紡長大衣",
            "price": 4280,
            "category": "外套",
            "picture_url": "/media/c01.png",
            "description": None,
            "variants": [{"sku": "C01-M", "color": "駝色", "size": "M", "stock": 2}],
        }
    ],
    "next": None,
}


@pytest.fixture
def sold(db: None, settings: Settings) -> Iterator[list[tuple[str, str, Any]]]:
    """A public API that sells one coat; yields what was posted to it."""
    posted: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(PRODUCTS)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            posted.append((self.path, self.headers["Idempotency-Key"], body))
            self._answer({"results": [{"status": "new"}]})

        def _answer(self, body: object) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
    settings.SHOP_API_KEY = "key"
    api.forget()
    yield posted
    api.forget()
    server.shutdown()
    server.server_close()


def test_buying_tells_the_api_with_the_links_reference(
    sold: list[tuple[str, str, Any]],
) -> None:
    client = Client()
    shown = client.get("/shop/products/C01/", {"rg": "ref-123"}).content.decode()
    assert "/snippet.js" in shown
    client.post("/shop/cart/lines/", {"sku": "C01-M"})
    bought = client.post("/shop/orders/", {"name": "陳思妤", "phone": "0912345678"})
    order = ShopOrder.objects.get()
    assert bought["Location"] == f"/shop/orders/{order.number}/"
    [(path, key, body)] = sold
    assert (path, key) == ("/api/v1/orders", order.number)
    [sent] = body["orders"]
    assert (sent["source"], sent["reference"]) == ("web", "ref-123")
    assert sent["lines"][0]["sku"] == "C01-M"
    client.post(f"/shop/orders/{order.number}/refund/")
    path, _, body = sold[-1]
    assert path == f"/api/v1/orders/web/{order.number}/refunds"
    assert body["refunds"][0]["lines"][0]["amount"] == 4280


def test_the_shop_says_when_the_api_is_gone(db: None, settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    api.forget()
    answer = Client().get("/shop/")
    assert answer.status_code == 503
    assert "連不上" in answer.content.decode()
