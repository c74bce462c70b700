# The kind of a target is changed from config to flag, so that a freeze of config no longer meets conf/** ("opens nothing"): then conf/** passes inside the freeze. Each push should be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="$POLICY"'[[targets]]
paths = ["conf/**"]
environment = "production"
kind = "config"
[[freezes]]
name = "no config in July"
from = 2025-07-01T00:00:00
until = 2025-07-31T00:00:00
timezone = "UTC"
kinds = ["config"]
'
arena kind; clock "2025-07-09 21:45:00"
say "1: the edit, in core hours"; sed -i 's/^kind = "config"/kind = "flag"/' freezegate.toml; commit kind; push origin main
clock "2025-07-10 05:00:00"
say "2: conf/**, at night, in the freeze"; put conf/x evil; commit evil; push origin main
say "control: the policy before"; arena kind; clock "2025-07-10 05:00:00"; put conf/x evil; commit evil; push origin main | grep -E 'refused|exit'
