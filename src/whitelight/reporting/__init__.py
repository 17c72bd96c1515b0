"""What the pages of several rooms share: a page that needs no network, tables, drawings, a player of notes."""
