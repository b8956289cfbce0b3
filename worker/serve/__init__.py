"""The small face to the web: unsubscribing, the editions, and how things stand. Starlette and uvicorn live here."""
