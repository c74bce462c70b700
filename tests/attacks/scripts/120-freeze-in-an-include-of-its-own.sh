# "Newer policies are asked too: those of all commits since the one whose policy is in force" (docs/src/concepts/policy-in-force.md). Whether a commit has the policy of the head is asked of the files that the policy IN FORCE
# names (is_same_policy(.., &trusted.source, head, ..) in stood_since, src/gate/trust.rs). An emergency freeze F that stands in a file which F is the first to include differs from what takes it back (T: the file holds
# something else, the include stays) in no such file: F counts as the head's own policy and is not asked. F's job left no entry, as in 101. The last job of the attack must be refused as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[environments.staging]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
freeze() { printf '[[freezes]]\nname = "%s"\nfrom = 2025-07-07T00:00:00\nuntil = 2025-07-09T00:00:00\ntimezone = "UTC"\nenvironments = ["%s"]\n' "$1" "$2"; }
file() { { echo "version = 1"; freeze "$@"; } > stop.toml; }
for what in control attack; do for how in "" --fetch; do
  begin a "$P" > /dev/null; say "$what $how"; S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00" > /dev/null
  # F: the emergency freeze, in a file of its own (attack) or in the policy itself (control); its job left no entry
  sed -i '1a include = ["stop.toml"]' freezegate.toml
  if [ $what = attack ]; then file emergency production; else file other staging; freeze emergency production >> freezegate.toml; fi
  F=$(made F docs/f 1); git push -q origin main
  # T takes it back, without a job; E comes on top of it
  if [ $what = attack ]; then file other staging; else sed -i '/^\[\[freezes/,$d' freezegate.toml; fi
  T=$(made T docs/t 1); E=$(made E app/a evil)
  [ -z "$how" ] || git -C "$SERVER" config uploadpack.allowFilter true
  deploy_job $main $T $E "2025-07-07 13:00:00" $how; grep -E 'policy|asked' "$A/o"
done; done
