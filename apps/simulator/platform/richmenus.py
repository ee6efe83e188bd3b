"""Rich menus: made, given a picture, linked to one person or shown to all."""

import io
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from PIL import Image, UnidentifiedImageError

from apps.simulator.models import Friendship, OfficialAccount, Person, RichMenu
from apps.simulator.platform import schema
from apps.simulator.platform.answers import LineError, Problem, invalid, not_found
from apps.simulator.platform.endpoint import Answer, Call, endpoint
from apps.simulator.platform.limits.actions import TEMPLATE_LABEL, check_action
from apps.simulator.platform.limits.measures import Spot, count

AREAS = 20
MOST_MENUS = 1000
IMAGE_BYTES = 1024 * 1024
IMAGE_TYPES = {"image/png", "image/jpeg"}
WIDTH = range(800, 2501)
HEIGHT_LEAST = 250
RATIO_LEAST = 1.45
NO_MENU = "the user has no richmenu"


@endpoint("richmenu.create", schema="RichMenuRequest")
def create(call: Call) -> Answer:
    """Make a menu; it is shown to nobody before it has a picture and is linked."""
    _check(call.body)
    if RichMenu.objects.filter(account=call.account).count() >= MOST_MENUS:
        raise LineError(400, "The maximum number of rich menus has been reached")
    menu = RichMenu.objects.create(account=call.account, body=call.body)
    return {"richMenuId": menu.rich_menu_id}


@endpoint("richmenu.validate", schema="RichMenuRequest")
def validate(call: Call) -> Answer:
    """Say whether the menu could be made."""
    _check(call.body)
    return {}


@endpoint("richmenu.list")
def index(call: Call) -> Answer:
    """List the menus made by API."""
    menus = RichMenu.objects.filter(account=call.account).order_by("pk")
    return {"richmenus": [_facts(menu) for menu in menus.defer("image")]}


@endpoint("richmenu.get")
def show(call: Call, rich_menu_id: str) -> Answer:
    """Tell one menu."""
    return _facts(_menu(call, rich_menu_id))


@endpoint("richmenu.delete")
def delete(call: Call, rich_menu_id: str) -> Answer:
    """Delete a menu, from every phone too."""
    _menu(call, rich_menu_id).delete()
    return {}


@endpoint("richmenu.image.get")
def image(call: Call, rich_menu_id: str) -> Answer:
    """Hand out the picture of a menu."""
    menu = _menu(call, rich_menu_id)
    if not menu.image:
        raise not_found()
    return HttpResponse(bytes(menu.image), content_type=menu.image_type)


@endpoint("richmenu.image.set")
def set_image(call: Call, rich_menu_id: str) -> Answer:
    """Give a menu its picture, once: JPEG or PNG of the menu's own size."""
    menu = _menu(call, rich_menu_id)
    if menu.image:
        raise LineError(400, "An image has already been uploaded to the richmenu")
    kind = call.request.content_type or ""
    data = call.request.body
    if kind not in IMAGE_TYPES:
        raise LineError(415, "Unsupported Media Type")
    if len(data) > IMAGE_BYTES:
        raise LineError(413, "Payload Too Large")
    try:
        with Image.open(io.BytesIO(data)) as opened:
            size = opened.size
    except (UnidentifiedImageError, OSError) as error:
        raise LineError(400, "The image could not be read") from error
    wanted = menu.body.get("size", {})
    if size != (wanted.get("width"), wanted.get("height")):
        raise LineError(400, "The image size does not match the rich menu's size")
    menu.image, menu.image_type = data, kind
    menu.save()
    return {}


@endpoint("richmenu.default.get")
def default(call: Call) -> Answer:
    """Tell which menu everybody sees who has none of their own."""
    menu = call.account.default_rich_menu
    if menu is None:
        raise LineError(404, "no default richmenu")
    return {"richMenuId": menu.rich_menu_id}


@endpoint("richmenu.default.set")
def set_default(call: Call, rich_menu_id: str) -> Answer:
    """Show a menu to everybody."""
    menu = _shown_menu(call, rich_menu_id)
    _accounts(call).update(default_rich_menu=menu)
    return {}


@endpoint("richmenu.default.delete")
def cancel_default(call: Call) -> Answer:
    """Show no menu to those who have none of their own."""
    _accounts(call).update(default_rich_menu=None)
    return {}


@endpoint("richmenu.user.get")
def of_user(call: Call, user_id: str) -> Answer:
    """Tell which menu is linked to a person."""
    linked = Friendship.objects.filter(
        account=call.account, person__user_id=user_id, rich_menu__isnull=False
    ).select_related("rich_menu")
    friendship = linked.first()
    if friendship is None or friendship.rich_menu is None:
        raise LineError(404, NO_MENU)
    return {"richMenuId": friendship.rich_menu.rich_menu_id}


@endpoint("richmenu.link")
def link(call: Call, user_id: str, rich_menu_id: str) -> Answer:
    """Show a menu to one person."""
    menu = _shown_menu(call, rich_menu_id)
    if not Person.objects.filter(user_id=user_id).exists():
        raise not_found()
    _friendships(call, [user_id]).update(rich_menu=menu)
    return {}


@endpoint("richmenu.unlink")
def unlink(call: Call, user_id: str) -> Answer:
    """Take a person's own menu away."""
    _friendships(call, [user_id]).update(rich_menu=None)
    return {}


@endpoint("richmenu.bulk.link", schema="RichMenuBulkLinkRequest")
def bulk_link(call: Call) -> Answer:
    """Show a menu to up to 500 people; those who are no friends are passed over."""
    menu = _shown_menu(call, call.body["richMenuId"])
    _friendships(call, call.body["userIds"]).update(rich_menu=menu)
    return JsonResponse({}, status=202)


@endpoint("richmenu.bulk.unlink", schema="RichMenuBulkUnlinkRequest")
def bulk_unlink(call: Call) -> Answer:
    """Take their own menus away from up to 500 people."""
    _friendships(call, call.body["userIds"]).update(rich_menu=None)
    return JsonResponse({}, status=202)


def _check(body: dict[str, Any]) -> None:
    size = body.get("size", {})
    width, height = size.get("width", 0), size.get("height", 0)
    problems = schema.problems("RichMenuSize", size)
    if width not in WIDTH:
        problems.append(Problem("must be between 800 and 2500", "size.width"))
    if height < HEIGHT_LEAST or width / max(height, 1) < RATIO_LEAST:
        problems.append(Problem("invalid height or ratio", "size.height"))
    areas = Spot(body.get("areas"), "areas")
    problems += count(areas, AREAS)
    for area in areas.each():
        problems += check_action(area.get("action"), TEMPLATE_LABEL)
    if problems:
        raise invalid(problems)


def _facts(menu: RichMenu) -> dict[str, Any]:
    return {"richMenuId": menu.rich_menu_id, **menu.body}


def _menu(call: Call, rich_menu_id: str) -> RichMenu:
    menu = RichMenu.objects.filter(
        account=call.account, rich_menu_id=rich_menu_id
    ).first()
    if menu is None:
        raise LineError(404, "richmenu not found")
    return menu


def _shown_menu(call: Call, rich_menu_id: str) -> RichMenu:
    menu = _menu(call, rich_menu_id)
    if not menu.image:
        raise LineError(400, "must upload richmenu image before applying it to user")
    return menu


def _accounts(call: Call) -> QuerySet[OfficialAccount]:
    return OfficialAccount.objects.filter(pk=call.account.pk)


def _friendships(call: Call, user_ids: list[str]) -> QuerySet[Friendship]:
    return Friendship.objects.filter(
        account=call.account,
        person__user_id__in=user_ids,
        state=Friendship.State.FRIEND,
    )
