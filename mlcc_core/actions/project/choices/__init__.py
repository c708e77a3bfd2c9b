"""The choices of a new project, with what each needs: platforms, and models that fit."""
