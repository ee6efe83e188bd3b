"""晴川衣著's own web shop: an outsider that sells by the product's public API."""
