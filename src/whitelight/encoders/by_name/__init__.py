"""One module per encoder, found by its name (see `whitelight.encoders.registry`)."""
