"""Named musical features of symbolic music; `encoder` holds the table of all of them."""
