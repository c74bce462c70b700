# Leads sign an edit that takes a freeze away, of which another one covers most. Somebody else takes that one away first, which "opens nothing", and the signed edit then opened ten days instead of hours. A grant for an edit of the policy
# depends on the whole policy now. The last two pushes of the attack must be refused.
. "$(dirname "$0")/lib.sh"; K=$ROOT/keys; mkdir -p "$K"; for p in ben; do [ -f $K/$p ] || ssh-keygen -q -t ed25519 -N '' -C '' -f $K/$p; done
freeze() { printf '[[freezes]]\nname = "%s"\ntimezone = "UTC"\nfrom = 2025-07-%sT00:00:00\nuntil = 2025-07-%sT00:00:00\n' "$1" $2 $3; }
TOP='version = 1
include = ["board.toml"]
[regions.us]
timezones = ["UTC"]
[environments.production]
[approvers]
allowed_signers = "s"
groups = { leads = ["ben@example.com"] }
[[lifts]]
finding = "policy-change"
signed = ["leads"]
[[targets]]
paths = ["app/**"]
environment = "production"
'
short() { grep -E '^\[|refused:|edit allows|opens nothing|overridden|is not valid|is waiting|^allowed'; }
for what in control attack; do
  rm -f "$ROOT"/rec*; ARENA_POLICY="$POLICY" arena $what; say $what; rm "$SERVER/hooks/pre-receive"; git -C "$SERVER" config receive.advertisePushOptions true; git -C "$SERVER" config freezegate.repository e.x/shop; git config freezegate.repository e.x/shop
  echo "ben@example.com namespaces=\"freezegate-grant\" $(cut -d' ' -f1,2 $K/ben.pub)" > s
  { printf '%s' "$TOP"; freeze "summer" 09 19; } > freezegate.toml; { echo "version = 1"; freeze "board" 10 19; } > board.toml; put app/x 1; commit policy; git push -q origin main; hook --record "$ROOT/rec.jsonl"; BASE=$(git rev-parse HEAD)
  clock "2025-07-09 10:00:00"
  echo "E1 (takes summer away; board still closes from the 10th on), without a signature:"; printf '%s' "$TOP" > freezegate.toml; commit E1; push origin main | grep -A3 -E 'edit allows|^\[' | cut -c9-
  at "2025-07-09 10:01:00" $FG grant new --range HEAD~..HEAD --reason "a release today, agreed on" --requester eve@example.com --lasts 20h --output "$A/g" 2>&1 | head -20; at "2025-07-09 10:01:30" $FG grant sign "$A/g" --key $K/ben 2>&1 | cut -c1-200 | head -20; E1=$(git rev-parse HEAD)
  git reset -q --hard $BASE
  if [ $what = attack ]; then echo "E0 (takes board away, which summer covers):"; clock "2025-07-09 10:10:00"; echo "version = 1" > board.toml; commit E0; push origin main | short; fi
  echo "E1 with the grant:"; clock "2025-07-09 10:20:00"; git cherry-pick $E1 > /dev/null; push -o "$($FG grant push-option "$A/g")" origin main | short; git fetch -q; git reset -q --hard origin/main
  echo "the change on 12 July:"; clock "2025-07-12 12:00:00"; put app/x evil; commit evil; push origin main | short
done
