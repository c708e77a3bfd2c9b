"""The server: requests in, replies out, on starlette and uvicorn."""
