"""Flags of other programs: the settings of trainers that they mean, and what mlcc decides itself.

Nothing is imported here: the table is read when somebody types a flag that mlcc does not have.
"""

from __future__ import annotations

from collections.abc import Mapping

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "max_steps": ("--steps", "--num-steps", "--max-train-steps", "--train-steps", "--iters"),
    "weight_decay": ("--wd", "--decay"),
    "warmup_steps": ("--warmup", "--warmup-ratio", "--num-warmup-steps", "--lr-warmup-steps"),
    "lr_scheduler_type": ("--lr-scheduler", "--scheduler", "--lr-schedule", "--lr-decay-style"),
    "optim": ("--optimizer", "--optimizer-type"),
    "max_grad_norm": ("--grad-clip", "--clip-grad", "--gradient-clipping", "--max-norm"),
    "adam_beta1": (),
    "adam_beta2": (),
    "adam_epsilon": (),
    "label_smoothing_factor": (),
    "neftune_noise_alpha": ("--neftune", "--neftune-alpha"),
    "gradient_checkpointing": ("--grad-checkpointing", "--use-gradient-checkpointing=true"),
    "use_liger_kernel": ("--liger=true", "--use-liger=true", "--enable-liger-kernel=true"),
    "torch_compile": ("--compile=true",),
    "deepspeed": (),
    "fsdp": (),
    "dataloader_num_workers": ("--num-workers",),
    "loss_type": ("--loss", "--pref-loss", "--loss-fn"),
    "lora_dropout": ("--dropout",),
    "target_modules": ("--lora-target", "--lora-targets", "--lora-target-modules"),
    "modules_to_save": ("--lora-modules-to-save", "--additional-target"),
    "use_dora": ("--dora=true",),
    "use_rslora": ("--rslora=true",),
    "beta": ("--dpo-beta", "--pref-beta", "--kl-coef", "--kl-beta"),
    "label_smoothing": ("--dpo-label-smoothing",),
    "num_generations": ("--n-generations", "--group-size", "--rollouts", "--samples-per-prompt"),
    "temperature": (),
    "top_p": (),
    "top_k": (),
    "epsilon": ("--clip-range", "--cliprange"),
    "scale_rewards": (),
    "use_vllm": (),
}
"""Flags of other programs by the setting that each is, as ``Engine.settings`` has them."""

PRECISION = "The engine chooses the number format that the device can do."
DEVICE = "The engine takes a device by itself: a GPU where there is one, else the CPU."
LOGGED = "The training is logged by itself; --tracker sends it on."
SAVED = "A training is saved by itself, and the same command goes on where it was."
LOADED = "Code that a model brings along is never run."
RENDERED = "Rows are rendered with the chat template that the model brings along."
ROWS = "--batch-size counts the rows of a step, however many the memory takes at once."

DECIDES: Mapping[str, str] = {
    **dict.fromkeys(
        ("--fp16", "--bf16", "--tf32", "--mixed-precision=", "--precision="), PRECISION
    ),
    **dict.fromkeys(("--amp", "--dtype=", "--torch-dtype="), PRECISION),
    **dict.fromkeys(("--device=", "--cuda", "--cpu", "--use-cpu", "--no-cuda", "--mps"), DEVICE),
    **dict.fromkeys(("--logging-steps=", "--log-every=", "--logging-dir=", "--log-steps="), LOGGED),
    **dict.fromkeys(("--resume", "--resume-from-checkpoint=", "--auto-resume"), SAVED),
    **dict.fromkeys(("--save-strategy=", "--save-total-limit=", "--overwrite-output-dir"), SAVED),
    "--trust-remote-code": LOADED,
    **dict.fromkeys(("--gradient-accumulation-steps=", "--gradient-accumulation="), ROWS),
    **dict.fromkeys(("--grad-accum=", "--grad-accumulation-steps=", "--accumulation-steps="), ROWS),
    **dict.fromkeys(("--template=", "--chat-template="), RENDERED),
    "--do-train": "mlcc tune always trains.",
}
"""Flags for what the engine decides by itself, as ``Engine.decides`` has them."""
