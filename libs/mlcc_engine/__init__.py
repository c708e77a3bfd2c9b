"""Training, forecasts and generation with TRL and PEFT, in the process that calls.

``python -m mlcc_engine JOBDIR`` trains what ``JOBDIR/request.json`` asks for. Every module
here may import torch and its relatives; none of them is imported unless something is about to
train, to generate or to be measured. ``request``, ``outcome`` and ``defaults`` stay light.
"""
