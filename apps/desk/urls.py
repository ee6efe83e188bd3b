"""Where conversations are read and answered."""

from django.urls import path

from apps.desk import composer, conversations

app_name = "desk"
urlpatterns = [
    path("", conversations.index, name="inbox"),
    path("<int:pk>/", conversations.show, name="conversation"),
    path("<int:pk>/thread/", conversations.thread, name="thread"),
    path("<int:pk>/seen/", conversations.seen, name="seen"),
    path("<int:pk>/closing/", conversations.closing, name="closing"),
    path("<int:pk>/assignment/", conversations.assignment, name="assignment"),
    path("<int:pk>/messages/", composer.messages, name="messages"),
    path("<int:pk>/notes/", composer.notes, name="notes"),
    path("<int:pk>/products/", composer.products, name="products"),
    path("<int:pk>/price/", composer.price, name="price"),
    path("messages/<int:pk>/sending/", composer.sending, name="sending"),
    path("messages/<int:pk>/media/", conversations.media, name="media"),
]
