"""The side on the cluster: ``python -m mlcc_ray.cluster STORAGE NAME`` as a Ray job's entry point.

The driver (:mod:`mlcc_ray.cluster.driver`) has Ray Train run one worker for each process of the
training (:mod:`mlcc_ray.cluster.worker`). Each worker has a child that trains
(:mod:`mlcc_ray.cluster.child`) and that dies with it. A worker that is lost takes the others with
it; Ray Train starts all of them anew, and they go on from the newest checkpoint in the storage.

The folder ``jobs/NAME/`` of the storage is what both sides know of a job, see
:mod:`mlcc_ray.cluster.place`.
"""
