# A target for every file and every environment, where the environments are never open together and nobody may override: it only closes, so it
# passed at any hour, and taking it back opens all environments at once, which no hour allows. Refused now; what one environment takes back is not.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[environments.release]
during_core_hours = "off"
change_windows = [{ hours = "Mon-Thu 09:00-17:00", timezone = "America/New_York" }]
[[targets]]
paths = ["deploy/{environment}/**"]
'
all() { printf '[[targets]]\npaths = ["**"]\nexcept = ["freezegate.toml"]\nenvironment = "%s"\n' "$1" >> freezegate.toml; commit "target for $1"; }
case_of() { ARENA_POLICY="$2"; arena "$1"; say "$1"; clock "$CLOSED"; base=$(git rev-parse HEAD); }
case_of all "$P"; all '*'; push origin main
case_of routes "$P"; printf '[routes]\npaths = ["{environment}/**"]\n' >> freezegate.toml; commit routes; push origin main
case_of one "$P"; all production; push origin main; git revert --no-edit HEAD > /dev/null; push origin main; clock "$OPEN"; push origin main
case_of together "${P/Mon-Thu 09:00-17:00/daily 00:00-24:00}"; all '*'; push origin main; git revert --no-edit HEAD > /dev/null; clock "$OPEN"; push origin main
