"""Classes that plugins subclass, values that they return, hooks that they answer."""
