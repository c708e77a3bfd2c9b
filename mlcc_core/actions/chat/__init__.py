"""Talk to models: replies as they come, a conversation, and its file."""
