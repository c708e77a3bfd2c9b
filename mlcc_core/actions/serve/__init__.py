"""The project's models under OpenAI's interface, on this machine."""
