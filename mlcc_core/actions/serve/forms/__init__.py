"""OpenAI's documents: requests, replies, errors."""
