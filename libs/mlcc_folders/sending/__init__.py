"""Code of this machine that a job elsewhere runs: packages, modules beside a file, requirements."""
