# A grant is for one difference. main's job is compared with what main had, and with what rel/1 deployed since; the grant is compared with the first alone, and lifts what is found in both.
# So a grant that was signed for `app/a` lets main take back what rel/1 brought to production after the grant was signed (a hotfix and its migration), which nobody signed.
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
try() { # NAME BRANCH_THAT_BRINGS_THE_HOTFIX
  begin a "$P" > /dev/null; say "$1"; echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; git config freezegate.repository shop; commit roster; Y=$(git rev-parse HEAD); git push -q origin main
  S=$(made S app/a 0); deploy_job $main $Y $S "2025-07-07 12:00:00" > /dev/null
  N=$(made N app/a 1); grant "$A/n.toml" $main $S $N "2025-07-08 12:00:00"
  echo "control: without a grant"; deploy_job $main $S $N "2025-07-08 12:01:00"
  if [ -n "$2" ]; then
    git checkout -q -b rel $S; put fix/x 1; R=$(made R migrations/m 1); old=$none; [ $2 = $main ] && old=$S
    grant "$A/r.toml" $2 $old $R "2025-07-08 12:05:00"; echo "the hotfix, by a grant of its own"; deploy_job $2 $old $R "2025-07-08 12:06:00" --grant "$A/r.toml" ; git checkout -q main; grep 'not count' "$A/o"
  fi
  echo "$1"; deploy_job $main $S $N "2025-07-08 12:10:00" --grant "$A/n.toml"; grep -E '^overridden|  judged|not count|by another|fix/x|migrations/m' "$A/o"
}
try "control: nothing came between" ""
try "control: main brought the hotfix" $main
try "attack: rel/1 brought the hotfix" refs/heads/rel/1
# The same where rel/1 brought it in open time, before the grant was written from what the refused job said (--from).
begin b "$P" > /dev/null; say "attack: rel/1 brought it before, and the grant is written from the refusal"; echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; git config freezegate.repository shop; commit roster; Y=$(git rev-parse HEAD); git push -q origin main
S=$(made S app/a 0); deploy_job $main $Y $S "2025-07-07 12:00:00" > /dev/null
git checkout -q -b rel; put fix/x 1; R=$(made R migrations/m 1); deploy_job refs/heads/rel/1 $none $R "2025-07-07 12:10:00" > /dev/null; git checkout -q main
N=$(made N app/a 1); deploy_job $main $S $N "2025-07-08 12:00:00" --format json > /dev/null; cp "$A/o" "$A/refusal.json"; git checkout -q $N
at "2025-07-08 12:01:00" $FG grant new --from "$A/refusal.json" --repository shop --reason "logins fail" --requester zoe@example.com --output "$A/n.toml" 2> /dev/null; at "2025-07-08 12:01:00" $FG grant sign "$A/n.toml" --key "$ROOT/keys/sam" 2> /dev/null
$FG grant show "$A/n.toml"; git checkout -q main; deploy_job $main $S $N "2025-07-08 12:10:00" --grant "$A/n.toml"; grep -E '^overridden|  judged|not count|by another' "$A/o"
