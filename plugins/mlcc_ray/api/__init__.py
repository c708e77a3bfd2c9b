"""The Jobs API of a Ray cluster, asked by Ray's own client, with a limit of time on every call."""
