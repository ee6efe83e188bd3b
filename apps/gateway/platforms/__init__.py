"""Ready-made intake for shops on Shopify and WooCommerce."""
