"""What the page may ask: one file per feature, each with a `router`; `app` lists them."""
