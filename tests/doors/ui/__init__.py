"""Tests of the components and the style page."""
