//! `docs/settings.md`: the table of settings as a page for people. A test holds the page to what is made here.

use super::table::{SETTINGS, Setting};

/// What stands before the tables.
const HEAD: &str = "# Settings\n\n\
    Made from the table in `firmware/settings/src/table.rs`; do not edit. On the console: `set NAME VALUE` is in force at once, `save` keeps it, `show` \
    marks what differs, `?` and Tab help while typing, `export` and `import` carry settings from one camera to another. On the card: \
    `kerberos.toml`, with text in quotes, for instance `record.mode = \"always\"`; it is applied at the next start after each change of it.\n\n\
    A value that is not allowed changes nothing and is answered with what is. All times and sizes have the unit that is given.\n";

/// The page.
pub fn manual() -> String {
    let mut page = String::from(HEAD);
    let mut group = None;
    for row in SETTINGS {
        let this = row.name.split_once('.').map_or("", |(group, _)| group);
        if group != Some(this) {
            group = Some(this);
            let title = if this.is_empty() { "The camera as a whole" } else { this };
            page += &format!(
                "\n## {title}\n\n| name | allowed | default | what it does | example |\n|---|---|---|---|---|\n"
            );
        }
        page += &line(row);
    }
    page
}

fn line(row: &Setting) -> String {
    // A bar would end the cell.
    let cell = |text: &str| text.replace('|', "\\|");
    format!(
        "| `{}` | {} | `{}` | {} | `{}` |\n",
        row.name,
        cell(&row.allowed()),
        cell(row.default),
        cell(row.help),
        cell(row.example)
    )
}

#[cfg(test)]
mod tests {
    use super::manual;
    use crate::tests::is_kept;

    #[test]
    fn the_page_in_docs_is_the_table() {
        is_kept("docs/settings.md", &manual());
    }
}
