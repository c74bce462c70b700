//! Hazards that are exempt in an environment, in pairs of policies by chance.

use crate::compare::edits::Chance;

/// Hazards of two types of resources, freezes that name them and environments in which they are exempt, in both of two policies: the same,
/// others, or of one alone.
pub(crate) fn hazardous_pair([before, after]: [String; 2], chance: &mut Chance) -> [String; 2] {
    let hazards = |chance: &mut Chance| {
        let mut text = String::new();
        for (name, types) in [("h0", ["\"t0\"", "\"t0\", \"t1\""]), ("h1", ["\"t1\"", "\"t1\", \"t0\""])] {
            let settle = chance.pick(&["0m", "20m", "90m", "4h"]);
            text.push_str(&format!("[hazards.{name}]\nresources = [{}]\nsettle = \"{settle}\"\n", chance.pick(&types)));
        }
        text
    };
    let named = ["", "", "hazards = [\"h0\"]\n", "hazards = [\"h1\"]\n", "hazards = [\"h0\", \"h1\"]\n"];
    let old_hazards = hazards(chance);
    let new_hazards = if chance.below(4) == 0 { hazards(chance) } else { old_hazards.clone() };
    let (mut old, mut new) = (before, after);
    for (text, own) in [(&mut old, old_hazards), (&mut new, new_hazards)] {
        *text = text.replacen("version = 1\n", &format!("version = 1\n{own}"), 1);
    }
    for number in 0..4 {
        let of_old = chance.pick(&named);
        let of_new = if chance.below(5) == 0 { chance.pick(&named) } else { of_old };
        for (text, own) in [(&mut old, of_old), (&mut new, of_new)] {
            let name = format!("name = \"f{number}\"\n");
            *text = text.replacen(&name, &format!("{name}{own}"), 1);
        }
    }
    for number in 0..3 {
        let of_old = chance.pick(&named);
        let of_new = if chance.below(3) == 0 { chance.pick(&named) } else { of_old };
        for (text, own) in [(&mut old, of_old), (&mut new, of_new)] {
            let head = format!("[environments.e{number}]\n");
            *text = text.replacen(&head, &format!("{head}{}", own.replace("hazards", "exempt_hazards")), 1);
        }
    }
    [old, new]
}
