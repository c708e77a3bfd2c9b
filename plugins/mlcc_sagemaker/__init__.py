"""The ``sagemaker`` platform: serverless model customization by Amazon SageMaker AI."""

from mlcc_sagemaker.platform import SageMaker

plugin = SageMaker()

__all__ = ["SageMaker", "plugin"]
