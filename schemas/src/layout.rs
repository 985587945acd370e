//! JSON as text that a review can read: what fits on a line stays on it.

use serde_json::Value;

const LINE: usize = 150;

/// JSON text with one small record per line, ending in a newline.
pub fn lay_out(value: &Value) -> String {
    let mut text = String::new();
    put(&mut text, value, 0, 0);
    text.push('\n');
    text
}

fn put(text: &mut String, value: &Value, depth: usize, before: usize) {
    let line = on_one_line(value);
    if 2 * depth + before + line.len() <= LINE {
        text.push_str(&line);
        return;
    }
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| (String::new(), item));
            put_parts(text, items, depth, ['[', ']']);
        }
        Value::Object(parts) => {
            let parts = parts.iter().map(|(name, part)| (key(name), part));
            put_parts(text, parts, depth, ['{', '}']);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => text.push_str(&line),
    }
}

fn put_parts<'a>(
    text: &mut String,
    parts: impl Iterator<Item = (String, &'a Value)>,
    depth: usize,
    [open, close]: [char; 2],
) {
    text.push(open);
    for (index, (key, part)) in parts.enumerate() {
        if index > 0 {
            text.push(',');
        }
        indent(text, depth + 1);
        text.push_str(&key);
        put(text, part, depth + 1, key.len());
    }
    indent(text, depth);
    text.push(close);
}

fn on_one_line(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(on_one_line).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(parts) => {
            let parts = parts.iter().map(|(name, part)| key(name) + &on_one_line(part));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn key(name: &str) -> String {
    format!("{}: ", Value::from(name))
}

fn indent(text: &mut String, depth: usize) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lay_out;

    #[test]
    fn what_fits_on_a_line_stays_on_it() {
        assert_eq!(lay_out(&json!({"a": [1, {"b": null}]})), "{\"a\": [1, {\"b\": null}]}\n");
    }

    #[test]
    fn what_does_not_fit_gets_a_line_per_part() {
        let long = "x".repeat(100);
        let text = lay_out(&json!({"a": long, "b": [long, 1]}));
        let lines = format!("{{\n  \"a\": \"{long}\",\n  \"b\": [\"{long}\", 1]\n}}\n");
        assert_eq!(text, lines);
    }
}
