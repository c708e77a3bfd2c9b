#!/usr/bin/env bash
# Train on the GPUs of this machine in every way that mlcc offers, in under ten minutes, and print a
# table: how each ended, its time, the memory that was forecast, and the peak that was measured.
#
#     benchmarks/device.sh [MODEL]        # default: mlcc-tiny; better a model that lies on this disk
#
# It needs the packages of mlcc[local] for CUDA, bitsandbytes for the 4-bit line, and no network.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
model=${1:-mlcc-tiny}
export PYTHONPATH="$PWD:$PWD/libs:$PWD/plugins${PYTHONPATH:+:$PYTHONPATH}" HF_HUB_OFFLINE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gpus=$(nvidia-smi --list-gpus | wc -l)
nvidia-smi --query-gpu=name,memory.total --format=csv,noheader

python - "$work/rows.jsonl" <<'PY'
import json, sys
with open(sys.argv[1], "w") as file:
    for number in range(256):
        row = {"prompt": f"What is {number} and one?", "completion": f"It is {number + 1}. " * 20}
        file.write(json.dumps(row) + "\n")
PY

# A request is written and trained in the foreground; nvidia-smi is asked twice a second meanwhile.
train() {
    local name=$1 fields=$2 folder=$work/$1 began=$SECONDS
    mkdir -p "$folder"
    python - "$folder" "$work/rows.jsonl" "$model" "$fields" <<'PY'
import json, sys
folder, rows, model, fields = sys.argv[1:]
request = {
    "job": "device", "technique": "sft", "trainer": "trl:SFTTrainer", "model": model,
    "training_type": "lora", "dataset": rows, "output": f"{folder}/output",
    "hyperparameters": {"num_train_epochs": 1, "global_batch_size": 16}, **json.loads(fields),
}
with open(f"{folder}/request.json", "w") as file:
    json.dump(request, file)
PY
    (while sleep 0.5; do nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits; done) \
        > "$folder/used" & local watcher=$!
    timeout 120 python -m mlcc_engine "$folder" > "$folder/log" 2>&1
    local code=$?
    kill "$watcher"; wait "$watcher" 2> /dev/null
    local peak forecast
    peak=$(sort -n "$folder/used" | tail -1)
    forecast=$(python - "$folder" <<'PY'
import sys
from pathlib import Path
from mlcc_engine import request
from mlcc_engine.forecast.forecast import forecast
lines = forecast(request.read(Path(sys.argv[1])))
print(next((line for line in lines if line.startswith("Memory")), "no forecast"))
PY
)
    printf '%-22s exit %d  %4d s  peak %6s MiB  %s\n' \
        "$name" "$code" $((SECONDS - began)) "$peak" "$forecast"
    [ "$code" = 0 ] || tail -5 "$folder/log"
}

train lora '{}'
train full-rank '{"training_type": "full-rank"}'
train lora-4bit '{"quantize": "4bit"}'
train lora-2048 '{"hyperparameters": {"max_length": 2048, "global_batch_size": 16}}'
if [ "$gpus" -gt 1 ]; then
    train "lora-$gpus-gpus" "{\"processes\": $gpus}"
    train "fsdp-$gpus-gpus" "{\"processes\": $gpus, \"training_type\": \"full-rank\", \"settings\": {\"fsdp\": true}}"
fi
