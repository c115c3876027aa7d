#!/usr/bin/env bash
# Runs `transom check` on PATHS with ARGUMENTS, both one a line: findings become annotations, and SARIF where
# it names a file.
set -euo pipefail

arguments=(--output github)
if [[ -n $SARIF ]]; then arguments+=(--output "sarif=$SARIF"); fi
while IFS= read -r line; do
  if [[ -n $line ]]; then arguments+=("$line"); fi
done <<< "$ARGUMENTS"
arguments+=(--)
while IFS= read -r line; do
  if [[ -n $line ]]; then arguments+=("$line"); fi
done <<< "$PATHS"
transom check "${arguments[@]}"
