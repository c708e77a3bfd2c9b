"""A process of its own for work before a job, which may become the job."""
