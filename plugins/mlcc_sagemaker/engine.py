"""The engine of SageMaker AI's serverless model customization."""

from __future__ import annotations

from mlcc_core import Engine

SERVERLESS = Engine(
    "sagemaker_serverless",
    {
        "epochs": "max_epochs",
        "learning_rate": "learning_rate",
        "max_seq_length": "dataset_max_len",
        "batch_size": "global_batch_size",
        "lora_rank": "lora_rank",
        "lora_alpha": "lora_alpha",
    },
)
"""Its recipes, by the names of their hyperparameters in the hub's documents."""
