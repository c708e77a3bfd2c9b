"""Commands for projects, plugins and the catalog."""
