"""Speak LINE: signatures, the Messaging API, sign-in, and what its messages hold."""
