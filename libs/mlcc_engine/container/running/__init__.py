"""The processes of a container: told to end in time, their lines handed on."""
