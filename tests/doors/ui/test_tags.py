"""The tags write the components that the stylesheets know."""

from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation


def render(source: str, **context: Any) -> str:
    with translation.override("zh-hant"):
        return Template(source).render(Context(context))


def test_an_icon_points_into_the_sprite() -> None:
    assert 'href="/static/icons.svg#i-chat"' in render('{% icon "chat" %}')


def test_a_person_without_a_hue_keeps_the_same_one() -> None:
    first = render('{% avatar "林怡君" %}')
    assert first == render('{% avatar "林怡君" %}')
    assert ">林<" in first


def test_hues_are_rounded_to_those_of_the_stylesheet() -> None:
    assert 'data-hue="20"' in render('{% avatar "林" 23 %}')
    assert 'data-hue="0"' in render('{% avatar "林" 357 %}')


def test_what_people_typed_is_escaped() -> None:
    html = render("{% chip label %}{% avatar label %}", label="<b>&")
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("tag", "width"),
    [
        ("{% meter 11 of=32 %}", "34.4%"),
        ("{% meter 130 %}", "100.0%"),
        ("{% meter 5 of=0 %}", "0.0%"),
        ("{% meter None %}", "0.0%"),
    ],
)
def test_a_meter_is_never_longer_than_its_track(tag: str, width: str) -> None:
    assert f'width="{width}"' in render(tag)


def test_a_change_says_its_direction_in_words_too() -> None:
    assert "上升" in render("{% delta 12.4 %}")
    assert 'data-tone="ok"' in render("{% delta -18 down_is_good=True %}")
    assert "持平" in render("{% delta 0 %}")
    assert "0.8 點" in render('{% delta -0.8 "points" %}')


def test_a_panel_escapes_its_title_and_keeps_its_content() -> None:
    html = render("{% panel title=t count=5 %}<p>內容</p>{% endpanel %}", t="<i>")
    assert "&lt;i&gt;" in html
    assert "<p>內容</p>" in html
    assert '<span class="count">5</span>' in html


def test_navigation_skips_pages_that_are_absent_or_forbidden() -> None:
    absent = '{% nav_item "nowhere:page" "chat" "頁" %}'
    there = '{% nav_item "ui:style_page" "chat" "頁" permission="x" %}'
    assert render(absent) == ""
    assert render(there, may={"y"}) == ""
    assert "/ui/" in render(there, may={"x"})
    assert "/ui/" in render(there)


def test_the_current_page_is_marked() -> None:
    link = '{% nav_item "ui:style_page" "chat" "頁" count=3 hot=True %}'
    html = render(link, nav="style_page")
    assert 'aria-current="page"' in html
    assert "count--hot" in html


def test_a_group_without_links_leaves_no_heading() -> None:
    source = '{% nav_group "業績" %}{% nav_item "no:page" "x" "頁" %}{% endnav_group %}'
    assert render(source) == ""


def test_no_component_carries_a_style_attribute() -> None:
    html = render(
        '{% avatar "林" 20 %}{% thumb "coat" 60 %}{% meter 5 %}{% shares v %}'
        '{% spark v %}{% kind "cart" %}{% sheet "s" "題" %}x{% endsheet %}',
        v=[1, 2, 3],
    )
    assert "style=" not in html


class CouponForm(forms.Form):
    name = forms.CharField(label="名稱", help_text="最多 20 字")
    agreed = forms.BooleanField(label="同意")


def test_a_field_ties_its_error_to_its_control() -> None:
    form = CouponForm({"name": ""})
    html = render("{% fields form %}", form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name-told"' in html
    assert 'id="id_name-told"' in html
    assert 'class="check"' in html
