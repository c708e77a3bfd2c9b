"""The engine within a training container: its layout, its start, the training in between."""
