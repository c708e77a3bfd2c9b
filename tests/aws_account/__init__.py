"""An AWS account on 127.0.0.1 for the real boto3 and the real SageMaker SDK; see README.md."""
