# Edits of an organisation's policy opened nothing there, and opened environments, regions and services that only repositories define: a freeze that
# lists all that the organisation knows, or ends inside core hours; other regions, zones and levels of the organisation's one region; kinds of a target.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ORG='version = 1
[organisation]
name         = "example"
serial       = 1
environments = ["staging"]
[regions.eu]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[calendars.sales]
dates = [2025-11-28]
[services.web]
[environments.production]
'
FREEZE='[[freezes]]
name     = "sale"
from     = 2025-07-01T00:00:00
until    = 2025-08-01T00:00:00
timezone = "region"
'
INSIDE='[[freezes]]
name     = "lunch"
hours    = ["Mon-Fri 12:00-13:00"]
timezone = "UTC"
'
edit() { # CASE POLICY SED
  logged "$1" "$2" "--record $ROOT/rec.jsonl"
  sed -i "s/^serial .*/serial = 2/; $3" freezegate.toml; git diff -U0 | grep '^[-+][^-+]' | grep -qv serial || echo "the edit changes nothing"
  [ "$1" != moved ] || { mkdir policies; git mv freezegate.toml policies/; }
  commit edit; clock "2025-07-09 09:45:00"; push origin main
}
edit regions       "$ORG"                    's/^\[environments.production\]/&\nregions = ["eu"]/'
edit all-regions   "$ORG"'regions = ["eu"]
'                                            '/^regions = /d'
edit off           "${ORG/core_hours*00\"]/}$FREEZE" 's/^\[environments.production\]/&\nduring_core_hours = "off"/'
edit service       "$ORG"                    's/^\[services.web\]/&\nregions = ["eu"]/'
edit region        "$ORG"'[regions.us]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
'                                            '/^\[regions.us\]/,$d'
edit calendar      "$ORG"                    's/2025-11-28/2025-12-01/'
edit listed        "$ORG$FREEZE"             's/^timezone = "region"/&\nenvironments = ["production", "staging"]/'
edit listed-region "$ORG$FREEZE"             's/^timezone = "region"/&\nregions = ["eu"]/'
edit listed-service "$ORG$FREEZE"            's/^timezone = "region"/&\nservices = ["web"]/'
edit zone          "$ORG$FREEZE"             's/^timezone = "region"/timezone = "UTC"/'
edit inside        "$ORG$INSIDE"             '/^\[\[freezes/,$d'
edit windows       "$ORG"'[[environments.production.change_windows]]
hours    = ["Mon-Fri 18:00-24:00", "Mon-Fri 00:00-08:00", "Sat-Sun 00:00-24:00"]
timezone = "UTC"
'                                            '/^\[\[environments.production/,$d'
edit target        "$ORG"'[[targets]]
paths = ["deploy/**"]
environment = "production"
'                                            's/^paths = .*/&\nkind = "config"/'
edit moved         "$ORG"                    '$a [help]\ncontact = "#help"'
edit more-hours    "$ORG"                    's/08:00-18:00/07:00-19:00/'
# what is only added, and what only people read
edit more-freezes  "$ORG"                    '$a [[freezes]]\nname = "more"\nfrom = 2025-07-01T00:00:00\nuntil = 2025-08-01T00:00:00\ntimezone = "region"'
edit longer        "$ORG$FREEZE"             's/^until .*/until = 2025-08-09T00:00:00/'
edit more-names    "$ORG"                    's/^\[calendars/[calendars.more]\ndates = [2025-11-28]\n[environments.testing]\n[services.api]\n&/'
edit contact       "$ORG"                    '$a [help]\ncontact = "#help"'
