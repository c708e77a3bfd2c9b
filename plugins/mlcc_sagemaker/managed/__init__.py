"""Evaluations that SageMaker runs as serverless jobs: benchmarks, scorers, judges."""
