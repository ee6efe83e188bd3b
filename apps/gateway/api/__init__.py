"""The API for shops and tills: `/api/v1/`."""
