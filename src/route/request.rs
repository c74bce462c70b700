//! Requests as people write them.

use std::fmt;

use crate::route::host::plain_path;
use crate::route::language::RequestPart;
use crate::route::table::RequestPoint;

impl RequestPoint {
    /// Reads `GET https://host/path?name=value` and headers as `name: value`; without a method it is GET.
    ///
    /// # Errors
    ///
    /// If it is not a request, or its path is one that proxies may rewrite.
    ///
    /// ```
    /// use freezegate::route::table::RequestPoint;
    ///
    /// let request = RequestPoint::parse("POST https://Shop.example.com:8443/cart?debug=1", &["X-Env: pre".to_owned()])?;
    /// assert_eq!(request.to_string(), "POST https://shop.example.com/cart?debug=1, x-env: pre");
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(text: &str, headers: &[String]) -> Result<Self, String> {
        let (method, url) = text.trim().split_once(' ').unwrap_or(("GET", text.trim()));
        let form = "write it as `GET https://shop.example.com/cart`";
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(format!("`{method}` is not a method; {form}"));
        }
        let after_scheme = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let rest = after_scheme.ok_or_else(|| format!("`{url}` has no `https://`; {form}"))?;
        let begin = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, rest) = rest.split_at_checked(begin).unwrap_or((rest, ""));
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase();
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_host) {
            return Err(format!("`{host}` is not the name of a host; {form}"));
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = plain_path(if path.is_empty() { "/" } else { path })?;
        let mut request = Self::default();
        request.parts.insert(RequestPart::Method, method.to_owned());
        request.parts.insert(RequestPart::Host, host);
        request.parts.insert(RequestPart::Path, path.to_owned());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // of several parameters of one name, the first counts
            request.parts.entry(RequestPart::Query(name.to_owned())).or_insert_with(|| value.to_owned());
        }
        for header in headers {
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| format!("`{header}` is not a header; write it as `name: value`"))?;
            request.parts.insert(RequestPart::Header(name.trim().to_ascii_lowercase()), value.trim().to_owned());
        }
        Ok(request)
    }
}

impl fmt::Display for RequestPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |part: &RequestPart, other: &'static str| self.parts.get(part).map_or(other, |text| text).to_owned();
        let host = part(&RequestPart::Host, "any-host");
        write!(formatter, "{} https://{host}{}", part(&RequestPart::Method, "GET"), part(&RequestPart::Path, "/"))?;
        let mut mark = '?';
        for (part, value) in &self.parts {
            if let RequestPart::Query(name) = part {
                write!(formatter, "{mark}{name}={value}")?;
                mark = '&';
            }
        }
        for (part, value) in &self.parts {
            if let RequestPart::Header(name) = part {
                write!(formatter, ", {name}: {value}")?;
            }
        }
        Ok(())
    }
}
