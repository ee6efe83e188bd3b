"""Every door of the house, and where it hangs."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.staff.access import open_to_all

urlpatterns = [
    path(
        "", open_to_all(RedirectView.as_view(pattern_name="account_login")), name="home"
    ),
    path("", include("apps.gateway.urls")),
    path("", include("apps.shopper.urls")),
    path("hq/", include("apps.hq.urls")),
    path("chat/", include("apps.desk.urls")),
    path("helper/", include("apps.helper.urls")),
    path("ui/", include("apps.ui.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("apps.core.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
