"""Route the events that came in."""


def route_pending() -> None:
    """x."""
