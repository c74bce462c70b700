# A push at any hour puts the policy into 256 files, the most that one may have. An emergency stop (`--extra-freezes`) counted as one more: with it every push was exit 2, the one that includes fewer files too.
# All pushes must pass, those of docs and the fix, with the stop.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
STOP='[[freezes]]
name = "stop INC-7 staging 2025-07-06T11:00:00Z"
from = 2025-07-06T11:00:00Z
until = 2025-07-06T20:00:00Z
timezone = "UTC"
level = "hard"
environments = ["staging"]
'
for n in 254 255; do
  arena t; Z=$(git rev-parse HEAD); [ $n = 255 ] && say attack || say "control: one file fewer"
  mkdir p; for i in $(seq $n); do echo "version = 1" > p/$i.toml; done
  { echo "include = ["; for i in $(seq $n); do echo "\"p/$i.toml\","; done; echo "]"; cat freezegate.toml; } > new; mv new freezegate.toml
  commit "the policy in parts"; clock "2025-07-04 17:00:00"; push origin main | grep -E '^\[|refused|opens|error'
  printf '%s' "$STOP" > $A/stop.toml; hook --extra-freezes $A/stop.toml; clock "2025-07-06 12:00:00"
  put docs/x 1; commit docs; echo "docs:"; push origin main | grep -E '^\[|refused|error\[|help'
  git checkout -q $Z -- freezegate.toml; commit "fewer files"; echo "the fix:"; push origin main | grep -E '^\[|refused|error\[|help'
done
