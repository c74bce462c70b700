# "A grant becomes void when others change the same paths", "It does not cover a change that reverts what another branch or job has deployed since" (docs/src/concepts/overrides.md).
# Script 80, but what rel/1 brought to production after the grant was signed is at a path that the grant names too. The attack must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[[freezes]]
name = "f"
from = 2025-07-08T00:00:00
until = 2025-07-19T00:00:00
timezone = "UTC"
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["migrations/**", "app/**", "fix/**"]
environment = "production"
[approvers]
allowed_signers = "approvers"
[[lifts]]
level = "hard"
signed = ["any"]
'
grant() { # FILE REF OLD NEW TIME
  rm -f "$1"; git checkout -q $4; at "$5" $FG grant new production --range $3..$4 --ref $2 --repository shop --reason "logins fail" --requester zoe@example.com --output "$1" 2> /dev/null; at "$5" $FG grant sign "$1" --key "$ROOT/keys/sam" 2> /dev/null; git checkout -q main
}
try() { # NAME BRANCH PATH
  begin a "$P" > /dev/null; say "$1"; echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; git config freezegate.repository shop; commit roster; Y=$(git rev-parse HEAD); git push -q origin main
  S=$(made S app/a 0); deploy_job $main $Y $S "2025-07-07 12:00:00" > /dev/null
  N=$(made N app/a 1); grant "$A/n.toml" $main $S $N "2025-07-08 12:00:00"
  git checkout -q -b rel $S; R=$(made R $3 hotfix); old=$none; [ $2 = $main ] && old=$S
  grant "$A/r.toml" $2 $old $R "2025-07-08 12:05:00"; echo "the hotfix, by a grant of its own"; deploy_job $2 $old $R "2025-07-08 12:06:00" --grant "$A/r.toml"; git checkout -q main
  echo "$1"; deploy_job $main $S $N "2025-07-08 12:10:00" --grant "$A/n.toml"; grep -E '^overridden|  judged|not count' "$A/o"
}
try "control: main brought the hotfix at the same path" $main app/a
try "control: rel/1 brought it at another path" refs/heads/rel/1 fix/x
try "attack: rel/1 brought it at the same path" refs/heads/rel/1 app/a
