# A submodule, or a link that goes, stands above what several targets look at: it reached one of them, by chance or by the pattern of an edit that opens nothing. Each bump in the closed window must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
quiet() { clock "$1"; shift; push "$@" | grep -E '^\[git push'; }
id() { printf "$1%.0s" $(seq 40); }
submodule() { git update-index --add --cacheinfo 160000,$(id $1),apps; mkdir -p apps; git commit -qm "sub $1"; }
PRODUCTION='[[targets]]
paths = ["apps/production/**"]
environment = "production"
'
STAGING='[[targets]]
paths = ["apps/staging/**"]
environment = "staging"
'
BEGIN="${POLICY%%\[\[targets*}"
ARENA_POLICY="$BEGIN$PRODUCTION"; arena edit; say edit
submodule 1; quiet "2025-07-09 04:00:00" origin main
echo "before"; submodule 2; quiet "$CLOSED" origin main; git reset -q --soft HEAD~; git update-index --add --cacheinfo 160000,$(id 1),apps
printf '[[targets]]\npaths = ["apps/**"]\nenvironment = "staging"\n' >> freezegate.toml; git add freezegate.toml; git commit -qm P; quiet "$CLOSED" origin main
echo "after"; submodule 2; quiet "$CLOSED" origin main
echo "gone"; git rm -q --cached apps; git commit -qm gone; quiet "$CLOSED" origin main
ARENA_POLICY="$BEGIN$PRODUCTION$STAGING"; arena beside; say beside
submodule 1; quiet "2025-07-09 04:00:00" origin main
submodule 2; for time in 1 2 3 4 5 6; do quiet "$CLOSED" origin main; done
ARENA_POLICY="$BEGIN[[targets]]
paths = [\"q/**\"]
environment = \"staging\"
"; arena link; say link
mkdir -p real/production; put real/production/x 1; ln -s real apps; commit S; quiet "2025-07-09 04:00:00" origin main
printf '%s[[targets]]\npaths = ["apps/**"]\nenvironment = "staging"\n' "$PRODUCTION" >> freezegate.toml; commit P; quiet "$CLOSED" origin main
git rm -q apps; commit L; quiet "$CLOSED" origin main
