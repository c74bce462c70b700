# As 44-rename, with the environment dropped instead of renamed, then declared again as "off". Each push should be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
arena drop; clock "$CLOSED"
say "1: drop production"; sed -i '/^\[environments.production\]/d' freezegate.toml; commit drop; push origin main
say "2: declare it anew"; printf '[environments.production]\nduring_core_hours = "off"\n' >> freezegate.toml; commit new; push origin main
say "3: production, closed"; put deploy/production/us/x evil; commit evil; push origin main
