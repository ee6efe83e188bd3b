"""The components of the design system as template tags; a builtin of the engine."""

from django import template

from apps.ui.components import blocks, figures, forms, leaves, navigation

register = template.Library()

for part in (leaves, figures, blocks, forms, navigation):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
