"""Rows as conversations, and conversations as tokens, for platforms that train on text.

No plugin itself. The same code measures rows before a training and counts them for ``mlcc check``,
so that the two agree.
"""
