# Three edits, each of which "opens nothing" and so passes in core hours, and even where a lift asks for a signature at any hour: 1. production does not serve `eu` any more (a freeze of
# `us` keeps the hours of `eu`); 2. `eu` loses its core hours, as nothing that is closed is served there; 3. production serves `eu` again. Then all that production has in `eu` may change
# in core hours. The same edit in one push is refused. The last push of each case must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
P='version = 1
[regions.us]
timezones  = ["America/New_York"]
core_hours = ["Mon-Fri 08:00-18:00"]
[regions.eu]
timezones  = ["Europe/Paris"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[[targets]]
paths = ["deploy/{environment}/{region}/**"]
'
LIFT='[approvers]
allowed_signers = "approvers"
[[lifts]]
finding = "policy-change"
signed = ["any"]
'
NOW="2025-07-09 09:00:00" # Wed 11:00 Paris
edit1() { sed -i 's/^\[environments.production\]/&\nregions = ["us"]/' freezegate.toml; printf '[[freezes]]\nname = "x"\nhours = ["Mon-Fri 08:00-18:00"]\ntimezone = "Europe/Paris"\nregions = ["us"]\n' >> freezegate.toml; }
edit2() { awk '/regions.eu/{e=1} /environments/{e=0} !(e&&/core_hours/)' freezegate.toml > t; mv t freezegate.toml; }
edit3() { sed -i '/^regions = \["us"\]/{x;s/^/x/;/^x$/{x;d};x}' freezegate.toml; }
to() { git add -A; git commit -q -m "$1"; timed "$NOW" origin main; }
try() { logged a "$2" "--record $ROOT/rec.jsonl" > /dev/null; say "$1"; }
begun() { try "$1" "$P$2"; [ -z "$2" ] || { rm "$SERVER/hooks/pre-receive"; echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; commit roster; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }; }
evil() { put deploy/production/eu/app evil; to evil; }
begun "control: no edit" ""; evil
begun "control: one push" ""; edit1; edit2; edit3; to edits; git reset -q --hard origin/main; evil
begun "attack: three pushes" ""; edit1; to 1; edit2; to 2; edit3; to 3; cat freezegate.toml; evil
begun "control: one push, and a signature is asked for at any hour" "$LIFT"; edit1; edit2; edit3; NOW="2025-07-06 12:00:00" to edits; git reset -q --hard origin/main; evil
begun "attack: three pushes, where a signature is asked for at any hour" "$LIFT"; edit1; to 1; edit2; to 2; edit3; to 3; evil
