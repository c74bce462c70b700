//! Addresses of resources, such as `module.eu["a.b"].aws_s3_bucket.logs[0]`.

/// Returns where the parts of an address end, at a `.` outside of keys, and at its end.
fn ends(address: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut is_key, mut is_quoted, mut is_escaped) = (false, false, false);
    for (place, character) in address.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' if is_key => is_quoted = !is_quoted,
            '[' if !is_key => is_key = true,
            ']' if !is_quoted => is_key = false,
            '.' if !is_key => ends.push(place),
            _ => {}
        }
    }
    ends.push(address.len());
    ends
}

/// The parts of an address, each without the key of an instance.
fn parts(address: &str) -> impl Iterator<Item = &str> {
    let mut begin = 0;
    ends(address).into_iter().map(move |end| {
        let part = address.get(begin..end).unwrap_or_default();
        begin = end + 1;
        part.split_once('[').map_or(part, |(name, _)| name)
    })
}

/// The address without the keys of instances, as the configuration has it: `module.eu.aws_s3_bucket.logs`.
pub(super) fn without_keys(address: &str) -> String {
    parts(address).collect::<Vec<_>>().join(".")
}

/// The address of the module of a resource, with the keys of instances: `module.eu["a.b"]`; `None` for the root.
pub(super) fn module_of(address: &str) -> Option<&str> {
    let names: Vec<&str> = parts(address).collect();
    let modules = names.chunks(2).take_while(|pair| pair.first() == Some(&"module")).count();
    let last = modules.checked_mul(2)?.checked_sub(1)?;
    address.get(..*ends(address).get(last)?)
}

/// Returns whether it is the address of a data source, which a plan may drop from the state and can't change.
pub(super) fn is_of_data(address: &str) -> bool {
    let mut parts = parts(address);
    loop {
        match parts.next() {
            Some("module") => drop(parts.next()),
            part => return part == Some("data"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of_data, module_of, without_keys};

    #[test]
    fn keys_of_instances_are_left_out() {
        for (address, plain, is_data) in [
            ("aws_s3_bucket.logs", "aws_s3_bucket.logs", false),
            ("aws_s3_bucket.logs[0]", "aws_s3_bucket.logs", false),
            (r#"module.eu["a.b"].aws_s3_bucket.logs["x]y"]"#, "module.eu.aws_s3_bucket.logs", false),
            (r#"module.a["\"]data."].data.aws_ami.x"#, "module.a.data.aws_ami.x", true),
            ("data.aws_ami.x", "data.aws_ami.x", true),
            ("module.data.aws_ami.x", "module.data.aws_ami.x", false),
            ("module.a.module.b[1].data.aws_ami.x", "module.a.module.b.data.aws_ami.x", true),
            ("x[", "x", false),
            ("", "", false),
        ] {
            assert_eq!((without_keys(address).as_str(), is_of_data(address)), (plain, is_data), "{address}");
        }
    }

    #[test]
    fn the_module_of_a_resource_keeps_its_keys() {
        for (address, module) in [
            ("aws_s3_bucket.logs", None),
            ("data.aws_ami.x", None),
            ("module.eu.aws_s3_bucket.logs[0]", Some("module.eu")),
            (r#"module.eu["a.b"].module.x[0].data.aws_ami.x"#, Some(r#"module.eu["a.b"].module.x[0]"#)),
            ("module.module.t.x", Some("module.module")),
            ("module", None),
            ("", None),
        ] {
            assert_eq!(module_of(address), module, "{address}");
        }
    }
}
