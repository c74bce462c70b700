# A freeze that names hazards was left out of the comparison of what an edit opens, but for the freeze itself. So an edit of what decides whether it applies (`kind` of a target, `settle` and `duration` of the environment) "opened nothing",
# passed at any hour without a signature, and the plan with the hazard passed after it. Cases `plain`: the same freeze without hazards. Every job must be 1.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
policy() { # HAZARDS-LINE ENVIRONMENT-LINES TARGET-LINES FREEZE-LINES
  printf 'version = 1
[regions.us]
timezones = ["UTC"]
[regions.eu]
timezones = ["UTC"]
[approvers]
allowed_signers = "s"
groups = { leads = ["sam@example.com"] }
[[lifts]]
finding = "policy-change"
signed = ["leads"]
[environments.production]
%s
[services.pay]
%s
[hazards.db]
resources = ["aws_db_*"]
[[freezes]]
name = "no database changes"
timezone = "UTC"
from = 2025-07-08T00:00:00
until = 2025-07-19T00:00:00
environments = ["production"]
%s
%s
[[targets]]
resources = ["aws_*"]
environment = "production"
%s
' "$2" "$5" "$1" "$4" "$3"; }
P() { printf '{"format_version":"1.2","resource_changes":[{"address":"aws_db_instance.a","type":"aws_db_instance","change":{"actions":["update"],"before":{"id":"db-1","size":"good"},"after":{"id":"db-1","size":"evil"}}}]}' > "$A/plan"; }
try() { # NAME DAY-AND-MINUTE(of which :00 .. :40 seconds are used) BEFORE(5 args) AFTER(5 args)
  local name=$1 t=$2; shift 2
  rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$POLICY" arena "$name"; say "$name"; rm "$SERVER/hooks/pre-receive"
  echo "sam@example.com namespaces=\"freezegate-grant\" $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > s
  policy "$1" "$2" "$3" "$4" "$5" > freezegate.toml; commit policy; git push -q origin main; shift 5; B=$(git rev-parse HEAD); P
  put docs/x 1; commit docs; deploy_job $main $B $(git rev-parse HEAD) "2025-07-06 03:00:00" > /dev/null; B=$(git rev-parse HEAD)
  echo "control: the plan:"; deploy_job $main $B $B "$t:00" --plan "$A/plan"
  cp "$ROOT/rec.jsonl" "$ROOT/kept"
  echo "control: the freeze shortened in one edit:"; sed -i '/^until/s/2025-07-19/2025-07-08/;/^until/s/T00:00:00/T00:00:01/' freezegate.toml; commit gone; deploy_job $main $B $(git rev-parse HEAD) "$t:10"; git push -qf origin $B:main; git reset -q --hard $B; rm "$ROOT"/rec.jsonl*; cp "$ROOT/kept" "$ROOT/rec.jsonl"
  echo "attack: the edit:"; policy "$1" "$2" "$3" "$4" "$5" > freezegate.toml; commit edit; N=$(git rev-parse HEAD); deploy_job $main $B $N "$t:20"; grep -E 'edit allows|opens nothing|  opens ' "$A/o"
  echo "attack: the plan:"; deploy_job $main $N $N "$t:30" --plan "$A/plan"
}
HZ='hazards = ["db"]'
K='kinds = ["infrastructure"]'; X='exempt = ["rollback", "security"]'; R='duration = "1h"
settle = "2h"'
for h in "$HZ" ''; do w=${h:+hazard}; w=${w:-plain}   # plain: the same freeze without hazards: the edit is refused
try kind-$w     "2025-07-09 21:45" "$h" '' '' "$K" ''   "$h" '' 'kind = "config"' "$K" ''
try exempt-$w   "2025-07-09 21:45" "$h" '' '' "$X" ''   "$h" '' 'kind = "security"' "$X" ''
try settle-$w   "2025-07-07 23:30" "$h" "$R" '' '' ''   "$h" '' '' '' ''
done
