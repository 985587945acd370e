//! Says what is wrong with a body in the words of the real system, which is written in Go (WIRE-16,
//! WIRE-20). It only explains; reading is `serde_json`'s work.

/// The sentence of Go's `encoding/json` for the first syntax error, if there is one.
pub fn syntax_error(body: &[u8]) -> Option<String> {
    let mut scan = Scan { body, at: 0, depth: 0 };
    scan.blanks();
    if scan.at == body.len() {
        return Some("EOF".to_owned());
    }
    scan.value("looking for beginning of value").err()
}

const DEPTH_MAX: usize = 1_000;

struct Scan<'a> {
    body: &'a [u8],
    at: usize,
    depth: usize,
}

type Checked = Result<(), String>;

impl Scan<'_> {
    fn peek(&self) -> Result<u8, String> {
        self.body.get(self.at).copied().ok_or_else(|| "unexpected EOF".to_owned())
    }

    fn blanks(&mut self) {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.body[self.at..].iter().take_while(blank).count();
    }

    fn wrong(&self, context: &str) -> Result<(), String> {
        self.peek().and_then(|byte| Err(format!("invalid character {} {context}", quoted(byte))))
    }

    fn value(&mut self, context: &str) -> Checked {
        self.blanks();
        match self.peek()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.wrong(context),
        }
    }

    fn nested(&mut self, inside: fn(&mut Self) -> Checked) -> Checked {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("exceeded max depth".to_owned());
        }
        self.at += 1;
        inside(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self) -> Checked {
        self.blanks();
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blanks();
            match self.peek()? {
                b'"' => self.string()?,
                _ => return self.wrong("looking for beginning of object key string"),
            }
            self.blanks();
            match self.peek()? {
                b':' => self.at += 1,
                _ => return self.wrong("after object key"),
            }
            self.value("looking for beginning of value")?;
            if self.ends(b'}', "after object key:value pair")? {
                return Ok(());
            }
        }
    }

    fn array(&mut self) -> Checked {
        self.blanks();
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value("looking for beginning of value")?;
            if self.ends(b']', "after array element")? {
                return Ok(());
            }
        }
    }

    /// After an element: the end, or a comma.
    fn ends(&mut self, end: u8, context: &str) -> Result<bool, String> {
        self.blanks();
        let byte = self.peek()?;
        if byte != end && byte != b',' {
            self.wrong(context)?;
        }
        self.at += 1;
        Ok(byte == end)
    }

    fn string(&mut self) -> Checked {
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape()?,
                byte if byte < 0x20 => return self.wrong("in string literal"),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Checked {
        self.at += 1;
        match self.peek()? {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => self.at += 1,
            b'u' => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek()?.is_ascii_hexdigit() {
                        return self.wrong("in \\u hexadecimal character escape");
                    }
                    self.at += 1;
                }
            }
            _ => return self.wrong("in string escape code"),
        }
        Ok(())
    }

    fn number(&mut self) -> Checked {
        if self.peek()? == b'-' {
            self.at += 1;
            self.digit("in numeric literal")?;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits();
        }
        if self.body.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digit("after decimal point in numeric literal")?;
            self.digits();
        }
        if matches!(self.body.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.body.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digit("in exponent of numeric literal")?;
            self.digits();
        }
        Ok(())
    }

    fn digit(&self, context: &str) -> Checked {
        if self.peek()?.is_ascii_digit() { Ok(()) } else { self.wrong(context) }
    }

    fn digits(&mut self) {
        self.at += self.body[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    }

    fn literal(&mut self, word: &str) -> Checked {
        for expected in word.bytes() {
            if self.peek()? != expected {
                let expected = char::from(expected);
                return self.wrong(&format!("in literal {word} (expecting '{expected}')"));
            }
            self.at += 1;
        }
        Ok(())
    }
}

/// A byte as Go quotes it.
fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        byte if byte < 0x20 || byte == 0x7F => format!("'\\x{byte:02x}'"),
        byte => format!("'{}'", char::from(byte)),
    }
}

/// Writes U+FFFD for each half of a pair of surrogates that stands alone, as Go reads it.
pub fn without_lone_surrogates(text: &str) -> String {
    let escape = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let width = match (escape(at), escape(at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            (Some(_), _) => 6,
            // An escaped backslash is no start of an escape.
            (None, _) if rest.starts_with("\\\\") => 2,
            (None, _) => rest.chars().next().map_or(1, char::len_utf8),
        };
        out.push_str(&text[at..at + width]);
        at += width;
    }
    out
}

/// Where Go's `time` stops in a text that is no RFC 3339 time: what was left, with the closing quote
/// of its JSON, and the part of the layout that it wanted there.
pub fn time_error(text: &str) -> Option<(String, &'static str)> {
    time_stops_at(text).map(|(rest, part)| (format!("{rest}\""), part))
}

/// The parts of the layout, each with its width and the highest number it takes.
const PARTS: &[(&str, usize, u32)] = &[
    ("2006", 4, 9_999),
    ("-", 1, 0),
    ("01", 2, 12),
    ("-", 1, 0),
    ("02", 2, 31),
    ("T", 1, 0),
    ("15", 2, 23),
    (":", 1, 0),
    ("04", 2, 59),
    (":", 1, 0),
    ("05", 2, 59),
];

fn time_stops_at(text: &str) -> Option<(&str, &'static str)> {
    let mut rest = text;
    for (part, width, highest) in PARTS {
        let fits = match rest.get(..*width) {
            Some(piece) if *highest == 0 => piece == *part,
            Some(piece) => {
                let digits = piece.bytes().all(|byte| byte.is_ascii_digit());
                digits && piece.parse().is_ok_and(|number: u32| number <= *highest)
            }
            None => false,
        };
        if !fits {
            return Some((rest, part));
        }
        rest = &rest[*width..];
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
    }
    let zone = rest.as_bytes();
    let offset = zone.len() == 6
        && matches!(zone[0], b'+' | b'-')
        && zone[3] == b':'
        && [1, 2, 4, 5].iter().all(|at| zone[*at].is_ascii_digit());
    if rest == "Z" || offset { None } else { Some((rest, "Z07:00")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &str) {
        assert_eq!(syntax_error(body.as_bytes()).as_deref(), Some(expected), "{body}");
    }

    #[test]
    fn syntax_errors_are_told_in_the_words_of_go() {
        check("", "EOF");
        check("  ", "EOF");
        check("{", "unexpected EOF");
        check("{bad", "invalid character 'b' looking for beginning of object key string");
        check("x", "invalid character 'x' looking for beginning of value");
        check("{\"a\" 1}", "invalid character '1' after object key");
        check("{\"a\":1 2}", "invalid character '2' after object key:value pair");
        check("[1 2]", "invalid character '2' after array element");
        check("[1,]", "invalid character ']' looking for beginning of value");
        check("{\"a\":1,}", "invalid character '}' looking for beginning of object key string");
        check("[tru]", "invalid character ']' in literal true (expecting 'e')");
        check("[-a]", "invalid character 'a' in numeric literal");
        check("[1.]", "invalid character ']' after decimal point in numeric literal");
        check("[\"\\q\"]", "invalid character 'q' in string escape code");
        check("[\"a\nb\"]", r"invalid character '\n' in string literal");
        check("[01]", "invalid character '1' after array element");
    }

    #[test]
    fn good_bodies_have_no_syntax_error() {
        for body in ["{}", "[]", " {\"a\":[1,-2.5e3,true,null,\"\\u00e9\"]} trailing"] {
            assert_eq!(syntax_error(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn half_a_pair_of_surrogates_is_replaced() {
        let replaced = without_lone_surrogates;
        assert_eq!(replaced(r#""a\ud800b""#), r#""a\ufffdb""#);
        assert_eq!(replaced(r#""\ud83d\ude00""#), r#""\ud83d\ude00""#);
        assert_eq!(replaced(r#""\\\\ud800""#), r#""\\\\ud800""#);
    }

    #[test]
    fn a_time_is_refused_where_go_stops_reading_it() {
        let stops = |text| time_error(text).map(|(rest, part)| format!("{rest} {part}"));
        assert_eq!(stops("2025-07-28T09:00:00-0600").unwrap(), "-0600\" Z07:00");
        assert_eq!(stops("28.07.2025").unwrap(), "28.07.2025\" 2006");
        assert_eq!(stops("2025-13-28T09:00:00Z").unwrap(), "13-28T09:00:00Z\" 01");
        assert_eq!(stops("2025-07-28T09:00:00.5-06:00"), None);
    }
}
