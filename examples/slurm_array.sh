#!/usr/bin/env bash
# One dataset by an array of jobs on a folder that all nodes mount:
#   sbatch --array=1-16 examples/slurm_array.sh --faces folder:my_photos --clips-per-emotion 2000 --out /shared/mine
# Start the same line again if jobs were killed: what is done stays, and the last job to end puts the dataset together.
#SBATCH --job-name=equime
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=12:00:00
#SBATCH --requeue
set -euo pipefail

# Each job works on its own part of the folder's list, with the cores that Slurm gave it.
exec equime render "$@" \
  --workers "${SLURM_CPUS_PER_TASK:-0}" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
