"""A believable brand to try the product on: 晴川衣著, eight stores, forty people."""
