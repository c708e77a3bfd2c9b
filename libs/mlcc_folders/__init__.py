"""Parts of a platform that keep everything in the project's folder, for platforms to share.

* :class:`mlcc_folders.folder_store.FolderStore`: staged datasets, in ``.mlcc/staged``;
* :class:`mlcc_folders.folder_jobs.FolderJobs`: jobs, in ``.mlcc/jobs``, whatever runs them;
  :class:`mlcc_folders.process_jobs.ProcessJobs` runs them as processes of this machine;
* :class:`mlcc_folders.folder_serving.FolderServing`: models that are loaded when they are asked;
* :class:`mlcc_folders.folder_answering.FolderAnswering`: rows of evaluations, answered by models
  that are loaded in a process of their own.

A platform names them as its parts::

    class Cluster(Platform):
        name = "cluster"
        title = "Our cluster"
        engines = (TRL,)
        store = FolderStore()
        runner = ClusterJobs()  # a FolderJobs of its own
        serving = FolderServing("mlcc-tiny")
        answering = FolderAnswering("mlcc-tiny")
"""
