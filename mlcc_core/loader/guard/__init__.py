"""Calls of plugins with care: failures and wrong answers name the plugin and the method."""
