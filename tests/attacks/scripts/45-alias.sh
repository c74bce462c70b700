# The same by an alias: it is dropped ("opens nothing"), then staging gets it ("opens nothing"), and what it reached passes. Each push should be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="${POLICY/'[environments.production]'/'[environments.production]
aliases = ["prod"]'}"
arena alias; clock "$CLOSED"
say control; put deploy/prod/us/x evil; commit evil; push origin main | grep -E 'refused|exit'; git reset -q --hard HEAD~
say "1: drop the alias"; sed -i '/^aliases/d' freezegate.toml; commit drop; push origin main
say "2: staging takes it"; sed -i 's/^\[environments.staging\]/&\naliases = ["prod"]/' freezegate.toml; commit take; push origin main
say "3: deploy/prod, closed"; put deploy/prod/us/x evil; commit evil; push origin main
