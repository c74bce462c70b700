# The policy of a refused commit is asked of later jobs too, until what takes it back was allowed. A grant that overrides what it closes has to be
# written by that policy, which the printed command names; and the decision tells it, records who signed, and uses it up. None of that was so: the
# command found nothing to override, and one grant for one use served again and again, and left no trace.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
[approvers]
allowed_signers = "approvers"
[[lifts]]
level = "hard"
signed = ["any"]
'
FREEZE='[[freezes]]
name = "launch"
from = 2025-07-08T00:00:00
until = 2025-07-19T00:00:00
timezone = "UTC"
'
begin a "$P" > /dev/null; say begin; environment=production
echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; git config freezegate.repository shop; commit roster; Z=$(git rev-parse HEAD)
S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-07 12:00:00"
say "a freeze that is refused"
printf '%s' "$FREEZE" >> freezegate.toml; commit freeze; B=$(git rev-parse HEAD); deploy_job $main $S $B "2025-07-08 12:00:00"
git revert --no-edit HEAD > /dev/null; C=$(git rev-parse HEAD); deploy_job $main $B $C "2025-07-08 12:01:00"
D=$(made D app/a 1); deploy_job $main $C $D "2025-07-08 12:02:00"
say "the printed command"; printed=$(grep -o 'freezegate grant [^`]*' "$A/o" | head -1); echo "$printed" | grep -o -- '--policy-from [0-9a-f]*' | sed "s/$B/B/"
printed=$(echo "$printed" | sed 's/grant ask/grant new/; s/--output fix.grant//; s/--reason "…"/--reason "logins fail"/'); echo "$printed" | grep -q '…' && echo "still a gap: $printed"
at "2025-07-08 12:03:00" bash -c "PATH=$(dirname "$FG"):\$PATH; $printed --requester zoe@example.com --output '$A/n.toml'" 2> "$A/e"; echo "[git push exit $?]"; cat "$A/e" | head -3
at "2025-07-08 12:03:00" $FG grant sign "$A/n.toml" --key "$ROOT/keys/sam" 2> /dev/null
say "the job"; deploy_job $main $D $D "2025-07-08 12:04:00" --grant "$A/n.toml"; grep -E "^ *(overridden|warning)|grant" "$A/o" | cut -c1-70
$FG record show "$ROOT/rec.jsonl" | tail -4 | grep -o "signers.*sam@example.com\|sam@example.com" | head -1
say "once more"; git revert --no-edit HEAD > /dev/null; R=$(git rev-parse HEAD); deploy_job $main $D $R "2025-07-08 12:10:00"
put app/a 1; commit again; deploy_job $main $R $(git rev-parse HEAD) "2025-07-08 12:11:00" --grant "$A/n.toml"; grep -E "used" "$A/o" | head -2
