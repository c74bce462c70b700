# "A new target that shows more about a change (its kind, its service) can make fewer freezes apply to it. That is compared too" (docs/src/threat-model.md). A new target that names a region
# is compared in that region alone, but a job for production is judged in all of them by the kind that the target shows: a region without core hours (`apac`) makes src/** a security fix for
# `us` too. One edit, which "opens nothing", past the signature that the lift for `policy-change` asks for at any hour. The last job of each case must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
P="$AMERICA"'[regions.apac]
timezones = ["Asia/Tokyo"]
[environments.production]
exempt = ["rollback", "security"]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["fixes/**"]
environment = "production"
kind = "security"
[approvers]
allowed_signers = "approvers"
[[lifts]]
finding = "policy-change"
signed = ["any"]
'
target() { printf '[[targets]]\npaths = ["src/**"]\nenvironment = "production"\nregion = "%s"\nkind = "security"\n' $1 >> freezegate.toml; }
edit() { commit "$1"; E=$(git rev-parse HEAD); deploy_job $main $LAST $E "$2"; [ -n "$(grep ^allowed "$A/o")" ] && LAST=$E || git reset -q --hard $LAST; } # MESSAGE TIME
evil() { N=$(made evil src/app/main.c evil); deploy_job $main $LAST $N "$CLOSED"; grep -E '  judged|security' "$A/o"; }
try() { begin a "$P" > /dev/null; say "$1"; echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; put src/app/main.c 0; commit S; git push -q origin main; LAST=$(git rev-parse HEAD); deploy_job $main $LAST $LAST "2025-07-06 10:00:00" > /dev/null; }
try "control: no edit"; evil
try "control: a target of us"; target us; edit us "2025-07-06 11:00:00"; evil
try "attack: a target of apac"; target apac; edit apac "2025-07-06 11:00:00"; evil
# the same where the target of that region is there already, and the edit gives it a kind (kept_target)
P=$(printf '%s\n' "$P" | sed 's/^\[approvers\]/[[targets]]\npaths = ["src\/**"]\nenvironment = "production"\nregion = "apac"\n&/'; echo)
try "control: a target without a kind"; evil
try "attack: it gets a kind"; sed -i 's/^region = "apac"/&\nkind = "security"/' freezegate.toml; edit kind "2025-07-06 11:00:00"; evil
