"""The first look at a dataset: its files, first rows and form."""
