"""Endpoints that stand: described, tagged, listed, and taken down one by one."""
