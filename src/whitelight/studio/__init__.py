"""The studio: a local page to hear, judge and promote what was composed. `app.create_app` is the whole server."""
