"""The orchestrator: plan, stage, prove, submit, watch, and record what came out."""
