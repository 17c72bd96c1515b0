"""The chord stage: grammar and transitions, voicing and playing, theory; `stage` is the whole of it."""
