//! Addresses of resources, such as `module.eu["a.b"].aws_s3_bucket.logs[0]`.

/// The address without the keys of instances, as the configuration has it: `module.eu.aws_s3_bucket.logs`.
pub(super) fn without_keys(address: &str) -> String {
    let mut plain = String::with_capacity(address.len());
    let mut rest = address.chars();
    while let Some(character) = rest.next() {
        if character != '[' {
            plain.push(character);
            continue;
        }
        let (mut is_quoted, mut is_escaped) = (false, false);
        for inner in rest.by_ref() {
            match inner {
                _ if is_escaped => is_escaped = false,
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                ']' if !is_quoted => break,
                _ => {}
            }
        }
    }
    plain
}

/// Whether it is the address of a data source, which a plan may drop from the state and can't change.
pub(super) fn is_of_data(address: &str) -> bool {
    let plain = without_keys(address);
    let mut parts = plain.split('.');
    loop {
        match parts.next() {
            Some("module") => drop(parts.next()),
            part => return part == Some("data"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of_data, without_keys};

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
}
