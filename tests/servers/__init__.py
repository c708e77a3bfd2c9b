"""Servers on 127.0.0.1 that tests start in place of the internet. They know nothing of mlcc."""
