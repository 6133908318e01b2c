//! Machine mode: each answer is one JSON object on one line, so that a script need not read words. Pure.
//!
//! Nothing is echoed, there is no prompt; what would be told a person as it happens is an object of its own.

use super::reply::Reply;
use serde_json::{Value, json};

/// The answer to a line.
pub fn answer(line: &str, reply: &Reply, asks: Option<&str>) -> String {
    let mut object = json!({ "line": line, "done": reply.is_done, "text": reply.text.trim_end() });
    if let (Some(facts), Value::Object(fields)) = (&reply.facts, &mut object) {
        fields.insert("facts".into(), facts.clone());
    }
    if let (Some(asks), Value::Object(fields)) = (asks, &mut object) {
        fields.insert("asks".into(), asks.trim_end().into());
    }
    format!("{object}\n")
}

/// Something that happened.
pub fn notice(text: &str) -> String {
    format!("{}\n", json!({ "notice": text }))
}

#[cfg(test)]
mod tests {
    use super::{Reply, answer, notice};

    #[test]
    fn one_object_on_one_line_whatever_was_said() {
        let reply = Reply::done("two\nlines\u{7} and \"quotes\"\n").with(&[1, 2]);
        let line = answer("show \x1b[", &reply, Some("yes? "));
        assert_eq!(line.matches('\n').count(), 1);
        let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(read["text"], "two\nlines\u{7} and \"quotes\"");
        assert_eq!((read["done"].as_bool(), read["facts"][1].as_u64()), (Some(true), Some(2)));
        assert_eq!((read["line"].as_str(), read["asks"].as_str()), (Some("show \x1b["), Some("yes?")));
        assert!(line.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{line:?}");
        assert!(notice("a \"b\"").contains(r#"{"notice":"a \"b\""}"#));
    }
}
