"""The brand's accounts on each channel and the adapters that speak to them."""
