# 140 compared groups by name: one edit swaps the names of two groups, with the lifts following, and makes soft core hours hard, which "opened nothing". Then the signature of whoever may lift hard overrode what only others could. Persons are
# compared now. Both pushes of the attack must be refused.
. "$(dirname "$0")/lib.sh"; K=$ROOT/keys; mkdir -p "$K"; for p in ben cleo; do [ -f $K/$p ] || ssh-keygen -q -t ed25519 -N '' -C '' -f $K/$p; done
R="$(for p in ben cleo; do echo "$p@example.com namespaces=\"freezegate-grant\" $(cut -d' ' -f1,2 $K/$p.pub)"; done)"
policy() { # LEVEL BEN'S-GROUP CLEO'S-GROUP
  printf '%s[environments.production]
during_core_hours = "%s"
[approvers]
allowed_signers = "s"
groups = { %s = ["ben@example.com"], %s = ["cleo@example.com"] }
[[lifts]]
level = "soft"
signed = ["%s"]
[[lifts]]
level = "hard"
signed = ["%s"]
[[targets]]
paths = ["app/**"]
environment = "production"
' "$AMERICA" $1 $2 $3 $2 $3; }
short() { grep -E '^\[|refused:|edit allows|opens nothing|overridden|is not valid|is waiting'; }
change() { # the change, with a grant that cleo signed
  put app/x evil; commit evil; git config freezegate.repository e.x/shop
  at "$1" $FG grant new --range HEAD~..HEAD --reason "because I like it" --requester eve@example.com --policy freezegate.toml --output "$A/g" > /dev/null 2>"$A/e" || cat "$A/e"; at "$1" $FG grant sign "$A/g" --key $K/cleo >/dev/null 2>&1
  clock "$1"; push -o "$($FG grant push-option "$A/g")" origin main | short
}
for what in control attack; do
  rm -f "$ROOT"/rec*; ARENA_POLICY="$POLICY" arena $what; say $what; rm "$SERVER/hooks/pre-receive"; git -C "$SERVER" config receive.advertisePushOptions true; git -C "$SERVER" config freezegate.repository e.x/shop
  echo "$R" > s; policy soft leads oncall > freezegate.toml; put app/x 1; commit policy; git push -q origin main; hook --record "$ROOT/rec.jsonl"
  clock "2025-07-09 21:40:00"
  if [ $what = control ]; then policy hard leads oncall > freezegate.toml; else policy hard oncall leads > freezegate.toml; fi
  commit hard; echo "soft made hard:"; push origin main | short; [ $what = attack ] || git reset -q --hard origin/main
  echo "the change, with cleo's signature alone:"; change "2025-07-09 21:45:00"
done
