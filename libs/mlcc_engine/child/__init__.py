"""Child processes that do tasks: the parent's side, and the child's."""
