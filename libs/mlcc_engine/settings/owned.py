"""Settings that mlcc decides, with the flag to use instead, and those that have a new name."""

from __future__ import annotations

import re
from collections.abc import Mapping

INSTEAD_BY_NAME: Mapping[str, str] = {
    r"r|rank|lora_r|lora_rank": "use --lora-rank",
    r"alpha|lora_alpha": "use --lora-alpha",
    r"learning_rate|lr": "use --learning-rate",
    r"num_train_epochs|epochs": "use --epochs",
    r"max_seq_length": "use --max-seq-length",
    r"per_device_train_batch_size|gradient_accumulation_steps|auto_find_batch_size|batch_size"
    r"|global_batch_size|train_batch_size": "use --batch-size, which counts rows a step",
    r"seed|full_determinism": "use --seed",
    r"output_dir|overwrite_output_dir|save_.*|enable_jit_checkpoint|resume_from_checkpoint"
    r"|ignore_data_skip|restore_callback_states_from_checkpoint": "mlcc keeps the output itself",
    r"load_best_model_at_end|metric_for_best_model|greater_is_better|eval_.*|do_.*"
    r"|per_device_eval_batch_size|prediction_loss_only|include_for_metrics|batch_eval_metrics"
    r"|num_generations_eval|evaluation_strategy": "use --validation",
    r"report_to|run_name|project|trackio_.*|logging_.*|log_.*|disable_tqdm"
    r"|include_num_input_tokens_seen|num_completions_to_print"
    r"|skip_memory_metrics|debug": "mlcc logs the training itself",
    r"push_to_hub.*|hub_.*": "mlcc uploads nothing",
    r"bf16.*|fp16.*|tf32|use_cpu|no_cuda|local_rank|dataloader_pin_memory"
    r"|half_precision_backend": "mlcc chooses what the device can do",
    r"model_init_kwargs|trust_remote_code|use_cache": "mlcc loads the model itself",
    r"chat_template_path|chat_template_kwargs|eos_token|pad_token|dataset_.*|remove_unused_columns"
    r"|label_names|length_column_name|truncation_mode|completion_only_loss|assistant_only_loss"
    r"|packing.*|padding_free": "mlcc renders the rows itself",
    r"task_type|peft_type|auto_mapping|peft_version|base_model_name_or_path|revision"
    r"|inference_mode|runtime_config|megatron_.*": "mlcc makes the adapter for the model itself",
    r"layer_replication|.*_config(?<!accelerator_config)(?<!fsdp_config)"
    r"(?<!transformers_continuous_batching_config)(?<!liger_kernel_config)": (
        "the adapter could not be put on the model as it is"
    ),
}
"""The way to go instead, by a pattern of names."""

NEW_BY_NAME: Mapping[str, str] = {
    "warmup_ratio": "warmup_steps, which takes a share of all steps where it is below 1",
    "group_by_length": "train_sampling_strategy=group_by_length",
    "adafactor": "optim=adafactor",
    "optimizer": "optim",
    "scheduler": "lr_scheduler_type",
    "lr_scheduler": "lr_scheduler_type",
    "dropout": "lora_dropout",
    "use_liger": "use_liger_kernel",
    "use_liger_loss": "use_liger_kernel",
    "num_train_steps": "max_steps",
    "max_train_steps": "max_steps",
    "neftune_alpha": "neftune_noise_alpha",
    "rpo_alpha": 'loss_type=["sigmoid","sft"] with loss_weights',
    "gradient_checkpointing_kwargs": "activation_checkpointing_kwargs",
    "use_transformers_paged": "use_transformers_continuous_batching",
    "vllm_importance_sampling_cap": "vllm_importance_sampling_clip_max",
    "max_prompt_length": "--max-seq-length, which counts prompt and reply",
    "max_new_tokens": "--max-response-length",
    "max_completion_length": "--max-seq-length, which counts prompt and reply",
}
"""The name that is used today, by one that trainers had before or have elsewhere."""

INSTEAD_BY_INIT: Mapping[str, str] = {
    **dict.fromkeys(
        ("olora", "pissa", "mica"), "it changes the base's own weights, to which others put it"
    ),
    **dict.fromkeys(("eva", "corda", "loftq", "lora_ga"), "it needs a run over data of its own"),
}
"""The reason against an ``init_lora_weights``, by its name."""

EVALUATES = "it needs the trainer's own evaluation, and mlcc measures held-out rows itself"
NO_DEVICE = "mlcc trains on no such device"

NEVER: Mapping[str, Mapping[str, str]] = {
    "lr_scheduler_type": {"reduce_lr_on_plateau": EVALUATES, "greedy": EVALUATES},
    "optim": {"adamw_torch_xla": NO_DEVICE, "adamw_torch_npu_fused": NO_DEVICE},
}
"""The reason against values that a Config names and no job can use, by setting and value."""


def instead_of(name: str) -> str | None:
    """Return what to do instead of giving a setting; ``None`` for one that may be given."""
    found = (words for pattern, words in INSTEAD_BY_NAME.items() if re.fullmatch(pattern, name))
    return next(found, None)
