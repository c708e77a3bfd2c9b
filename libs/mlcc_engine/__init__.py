"""Training, forecasts and generation with TRL and PEFT, in the process that calls.

:func:`mlcc_engine.api.run` trains in the foreground of its caller; ``python -m mlcc_engine FOLDER``
is a process around it, which ends with its parent. Every module here may import torch and its
relatives; none of them is imported unless something is about to train, to generate or to be
measured. ``api``, ``request``, ``job_result`` and ``defaults`` stay light.
"""
