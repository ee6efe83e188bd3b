"""Machine doors: webhooks and the API."""
