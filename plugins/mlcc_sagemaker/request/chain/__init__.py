"""Jobs that go on from an earlier one: the model package that it left, and what may follow it."""
