"""Components and the style page."""
