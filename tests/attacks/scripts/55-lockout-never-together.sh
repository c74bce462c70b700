# Two pushes, each of which "closes only" and leaves every environment open hours, after which no push passes at any hour, nor any fix:
# production is frozen Mon-Thu, staging Thu-Mon; and a target maps the policy's own file (or everything) to both. The two are never open together.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
for T in 'paths = ["**"]\nenvironment = "*"' 'paths = ["freezegate.toml"]\nenvironment = "*"' 'refs = ["refs/heads/main"]\nenvironment = "*"'; do
arena together; clock "$CLOSED"; G=$(git rev-parse HEAD)
say "1: two freezes"; printf '[[freezes]]\nname = "a"\ntimezone = "UTC"\nfrom = "Mon 00:00"\nuntil = "Thu 00:00"\nenvironments = ["production"]\n[[freezes]]\nname = "b"\ntimezone = "UTC"\nfrom = "Thu 00:00"\nuntil = "Mon 00:00"\nenvironments = ["staging"]\n' >> freezegate.toml; commit freezes; push origin main | grep -E 'refused|error|exit'
say "2: target $T"; printf "[[targets]]\n$T\n" >> freezegate.toml; commit target; push origin main | grep -E 'refused|error|exit'; BAD=$(git rev-parse HEAD)
for what in everything target staging; do git reset -q --hard $BAD; case $what in everything) git checkout -q $G -- freezegate.toml;; target) git checkout -q $BAD~ -- freezegate.toml;; staging) sed -i 's/^environments = \["staging"\]/regions = ["us"]\nlevel = "warn"\n&/' freezegate.toml;; esac; commit fix
for t in "2025-07-12 12:00:00" "2025-07-13 23:59:00" "2025-07-14 00:00:00" "2025-07-15 05:00:00" "2025-07-17 05:00:00" "2026-09-12 12:00:00"; do clock "$t"; echo "-- fix: take back $what, $t: $(push origin main | grep -E 'refused|exit' | tr '\n' ' ')"; done; done; done
