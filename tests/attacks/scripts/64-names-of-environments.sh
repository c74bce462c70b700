# The record knows an environment by its name. A made-up environment was filled, taken out, and gave its name to production: its states counted for production. The edits are to be refused, and the tag.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
quiet() { push "$@" | grep -E '^\[git push'; }
edit() { commit P; quiet origin main; git reset -q --hard origin/main; }
say "an environment gives its name"; rm -f "$ROOT"/rec.jsonl*
ARENA_POLICY='version = 1
[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'; arena name --record "$ROOT/rec.jsonl"
put src/app v1; commit S; clock "2025-07-08 04:00:00"; quiet origin main HEAD:refs/tags/v1
clock "$CLOSED"; put src/app evil; commit X; X=$(git rev-parse HEAD); quiet origin main; echo "control"; quiet origin HEAD:refs/tags/v2
echo "x comes, is filled, and goes"
printf '[environments.x]\nduring_core_hours = "off"\n[[targets]]\nrefs = ["refs/tags/x*"]\nenvironment = "x"\n' >> freezegate.toml; edit
quiet origin $X:refs/tags/x1
sed -i '/^\[environments.x\]/,$d' freezegate.toml; edit
echo "production is called x"
sed -i 's/^\[environments.production\]/[environments.x]\naliases = ["production"]/; s/environment = "production"/environment = "x"/' freezegate.toml; edit
echo "the tag"; quiet origin $X:refs/tags/v2
