# "A new target that shows more about a change (its kind, its service) can make fewer freezes apply to it. That is compared too" (docs/src/threat-model.md). In two edits it is not: the first
# adds a target that captures a service while there are no services, so that all that it shows is unknown; the second adds the service. Then src/app/** is a security fix, which core hours
# exempt, in a job for production. In one edit it needs the signature that the lift for `policy-change` asks for at any hour. The last job of each case must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
P="$AMERICA"'[environments.production]
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
target() { printf '[[targets]]\npaths = ["src/{service}/**"]\nenvironment = "production"\nkind = "security"\n' >> freezegate.toml; }
service() { sed -i 's/^\[environments.production\]/[services.app]\n&/' freezegate.toml; }
edit() { commit "$1"; E=$(git rev-parse HEAD); deploy_job $main $LAST $E "$2"; [ -n "$(grep ^allowed "$A/o")" ] && LAST=$E || git reset -q --hard $LAST; } # MESSAGE TIME
evil() { N=$(made evil src/app/main.c evil); deploy_job $main $LAST $N "$CLOSED"; grep -E '  judged|security' "$A/o"; }
try() { begin a "$P" > /dev/null; say "$1"; echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; put src/app/main.c 0; commit S; git push -q origin main; LAST=$(git rev-parse HEAD); deploy_job $main $LAST $LAST "2025-07-06 10:00:00" > /dev/null; }
try "control: no edit"; evil
try "control: one edit"; target; service; edit both "2025-07-06 11:00:00"; evil
try "attack: two edits"; target; edit one "2025-07-06 11:00:00"; service; edit two "2025-07-06 11:10:00"; evil
try "attack: the same, in core hours, in jobs for staging, and then production gets it by night"; target; environment=staging edit one "$CLOSED"; service; environment=staging edit two "$CLOSED"; edit night "2025-07-10 02:00:00"; N=$(made evil src/app/main.c evil); deploy_job $main $LAST $N "2025-07-10 15:00:00"
