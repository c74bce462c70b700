# Of a path in another case a pattern takes what its segment looks like, and beside fixed text that is less than the segment: what two patterns took counted as one, and the whole segment as a name. The last push of each case must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
BEGIN="$AMERICA"'[regions.x-us]
timezones = ["Asia/Tokyo"]
[environments.production]
regions = ["us"]
'
OFF='during_core_hours = "off"
'
try() { # NAME POLICY FILE…
  ARENA_POLICY="$2"; arena "$1"; say "$1"; shift 2; for file; do put "$file" 1; done; commit S; timed "$CLOSED" origin main
}
for patterns in '"deploy/{environment}/**", "deploy/x-{environment}/**"' '"deploy/x-{environment}/**", "deploy/{environment}/**"'; do
  try order "$BEGIN[environments.x-production]
$OFF[[targets]]
paths = [$patterns]
" deploy/X-production/a
done
try two-paths "$BEGIN[environments.x-production]
$OFF[[targets]]
paths = [\"a/{environment}/**\", \"b/x-{environment}/**\"]
" a/X-production/a b/X-production/a
try region "$(sed '/^regions = /d' <<< "$BEGIN")
[[targets]]
environment = \"production\"
paths = [\"deploy/{region}/**\", \"deploy/x-{region}/**\"]
" deploy/X-us/a
try name "$BEGIN[environments.staging]
aliases = [\"X-Production\"]
$OFF[[targets]]
paths = [\"deploy/x-{environment}/**\"]
" deploy/X-Production/a
ARENA_POLICY="$BEGIN[environments.staging]
$OFF[[targets]]
paths = [\"deploy/{environment}.d/**\"]
"; arena edit; say edit
put deploy/Production.D/x 1; commit E; timed "$CLOSED" origin main; git reset -q --hard origin/main
sed -i 's/^\[environments.staging\]/&\naliases = ["Production.D"]/' freezegate.toml; commit P; timed "$CLOSED" origin main
put deploy/Production.D/x 1; commit E; timed "$CLOSED" origin main
