# Core hours are soft, and a lift asks for a signature of leads for that; nobody may override what is hard. In the closed window the level is made hard, which "opened nothing"; in open time core hours are taken away, which only waits
# for an opening. An edit that opens the core hours asks for the signature, and so must the one that makes them hard. Case `freeze`: a hard freeze over the same hours, which may be added; taking both away needs the signature.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
policy() { # LEVEL HOURS
  printf 'version = 1
[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
%s
[approvers]
allowed_signers = "s"
groups = { leads = ["sam@example.com"] }
[[lifts]]
level = "soft"
signed = ["leads"]
[environments.production]
during_core_hours = "%s"
[[targets]]
paths = ["app/**"]
environment = "production"
' "$2" "$1"; }
HOURS='core_hours = ["Mon-Fri 08:00-18:00"]'
short() { grep -E '^\[|refused:|edit allows|edit closes|needs '; }
FREEZE='[[freezes]]
name = "over them"
hours = "Mon-Fri 08:00-21:00"
timezone = "America/New_York"
'
for what in control attack freeze; do # freeze: a hard freeze over the same hours, in place of the level
  rm -f "$ROOT"/rec*; ARENA_POLICY="$POLICY" arena $what; say $what; rm "$SERVER/hooks/pre-receive"
  echo "sam@example.com namespaces=\"freezegate-grant\" $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > s; policy soft "$HOURS" > freezegate.toml; commit policy; git push -q origin main; hook --record "$ROOT/rec.jsonl"
  clock "$CLOSED"; put app/x evil; commit evil; echo "the change, closed:"; push origin main | short; git reset -q --hard origin/main
  if [ $what = attack ]; then policy hard "$HOURS" > freezegate.toml; commit hard; echo "soft made hard, closed:"; push origin main | short; fi
  if [ $what = freeze ]; then printf '%s' "$FREEZE" >> freezegate.toml; commit freeze; echo "a hard freeze over them, closed:"; push origin main | short; fi
  clock "2025-07-10 05:00:00"; policy soft "" > freezegate.toml; commit open; echo "core hours gone, open:"; push origin main | short
  [ $what != control ] || git reset -q --hard origin/main
  clock "2025-07-10 21:45:00"; put app/x evil; commit evil; echo "the change, next day, closed:"; push origin main | short
done
