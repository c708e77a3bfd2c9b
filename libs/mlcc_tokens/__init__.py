"""What platforms share that train on rows of text: rows as chat, and chat as tokens.

No plugin itself. The same code measures rows before a training and counts them for ``mlcc check``,
so that the two agree.
"""
