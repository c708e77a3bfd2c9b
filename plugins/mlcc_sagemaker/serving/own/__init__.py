"""Base models that the hub of SageMaker does not host: of the Hugging Face Hub, or in S3."""
