//! Things that may happen in few places only: reading the clock, randomness, the environment or
//! the network, talking to JavaScript or to a database, changing a case.

use super::{Finding, SourceFile};

/// Words that may occur in `inside` only if the file is one of `places`.
struct Reserved {
    words: &'static [&'static str],
    /// Directories in which the rule applies.
    inside: &'static [&'static str],
    /// Files, or directories with a closing `/`, that may use the words. A further entry needs as
    /// good a reason as these have.
    places: &'static [&'static str],
    why: &'static str,
}

const OUR_CODE: &[&str] = &["shared/", "edge/", "widget/", "tests/sandbox/"];

const RESERVED: [Reserved; 10] = [
    Reserved {
        words: &[
            "SystemTime::now",
            "Instant::now",
            "Date::now",
            "Date::new_0",
            "Timestamp::now",
            "Zoned::now",
            "performance",
        ],
        inside: OUR_CODE,
        places: &[
            "edge/src/clock.rs",
            "widget/src/clock.rs",
            "tests/sandbox/src/clock.rs",
            // The one seed that is another in every run.
            "shared/tests/simulation.rs",
        ],
        why: "the clock is read in clock.rs only; `now` is a parameter",
    },
    Reserved {
        words: &["getrandom", "rand", "Math::random", "random_uuid", "randomUUID", "RandomState"],
        inside: OUR_CODE,
        places: &["edge/src/random.rs", "widget/src/random.rs", "tests/sandbox/src/random.rs"],
        why: "randomness is drawn in random.rs only",
    },
    Reserved {
        words: &["env::var", "env::vars", "env::args", "env.var", "env.secret"],
        inside: OUR_CODE,
        places: &[
            "edge/src/config.rs",
            // The seed and the length of a run that a person repeats.
            "shared/tests/simulation.rs",
            "edge/tests/faults/main.rs",
            "tests/sandbox/src/config.rs",
            // Hands the command line to config.rs.
            "tests/sandbox/src/main.rs",
        ],
        why: "the environment is read in config.rs only",
    },
    Reserved {
        words: &[
            "Fetch::Request",
            "Fetch::Url",
            "fetch_with_str",
            "fetch_with_request",
            "fetch_with_str_and_init",
            "fetch_with_request_and_init",
        ],
        inside: &["edge/", "widget/"],
        places: &[
            "edge/src/provider/stripe/transport.rs",
            // Calls the Durable Object, not the network.
            "edge/src/durable/binding.rs",
            "widget/src/client.rs",
        ],
        why: "the network has one file on each side",
    },
    Reserved {
        words: &["JsValue"],
        inside: OUR_CODE,
        places: &[
            // Values bound to a D1 statement.
            "edge/src/db/",
            // `transactionSync` is missing in the crate `worker`.
            "edge/src/durable/store.rs",
            // The crate `worker` panics where `request.cf` has no time zone.
            "edge/src/http/place.rs",
            // The crate `worker` takes a request's body in this type.
            "edge/src/provider/stripe/transport.rs",
            // The runtime's `Intl` formats money and dates.
            "edge/src/intl.rs",
            // The browser's `fetch` and its answer.
            "widget/src/client.rs",
            "widget/src/client/cancel.rs",
            // `Intl` formats money and dates.
            "widget/src/format.rs",
            "widget/src/lib.rs",
            "widget/src/provider_js.rs",
        ],
        why: "values of JavaScript are turned into ours where they come in",
    },
    Reserved {
        words: &["f32", "f64"],
        inside: &["shared/src/", "edge/src/", "widget/src/"],
        places: &[
            // The only number that JavaScript has; the values are times, counts and sums of money
            // below 2^53.
            "edge/src/db/",
            "edge/src/durable/store.rs",
            "edge/src/intl.rs",
            "widget/src/client.rs",
            "widget/src/format.rs",
            // Nonsense for a property test.
            "edge/src/provider/stripe/map/event/tests.rs",
        ],
        why: "money and time are integers",
    },
    Reserved {
        words: &[
            "std::fs",
            "std::net",
            "std::io",
            "std::env",
            "std::process",
            "std::thread",
            "async",
        ],
        inside: &["shared/src/"],
        places: &[],
        why: "the core is pure",
    },
    Reserved {
        words: &["apply"],
        inside: &["edge/src/"],
        places: &["edge/src/durable/service.rs"],
        why: "only durable/service.rs changes the state of a case",
    },
    Reserved {
        words: &["stripe::types", "stripe::form"],
        inside: &["edge/src/"],
        places: &["edge/src/provider/stripe/"],
        why: "the provider's own types stop at provider/stripe/map.rs",
    },
    Reserved {
        words: &["reprieve_edge", "reprieve_widget", "reprieve_sandbox"],
        inside: &["shared/", "edge/src/", "widget/src/", "tests/sandbox/src/"],
        places: &[],
        why: "these crates meet over HTTP only",
    },
];

/// Checks the table above, in code only: comments may speak of everything.
pub(super) fn reserved_words(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in &RESERVED {
        let in_scope = files
            .iter()
            .filter(|file| file.is_rust() && rule.inside.iter().any(|dir| file.is_in(dir)))
            .filter(|file| !rule.places.iter().any(|place| at_place(&file.path, place)));
        for file in in_scope {
            for (at, line) in file.code.lines().enumerate() {
                if let Some(word) = rule.words.iter().find(|word| contains_word(line, word)) {
                    let message = format!("`{word}`: {}", rule.why);
                    findings.push(Finding::new(file, at + 1, message));
                }
            }
        }
    }
    findings
}

fn at_place(path: &str, place: &str) -> bool {
    path == place || (place.ends_with('/') && path.starts_with(place))
}

/// True if `word` occurs and is not a part of a longer name.
fn contains_word(line: &str, word: &str) -> bool {
    let part_of_name = |symbol: Option<char>| {
        symbol.is_some_and(|symbol| symbol.is_alphanumeric() || symbol == '_')
    };
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|tail| tail.chars().next());
        !part_of_name(before) && !part_of_name(after)
    })
}

/// SQL is written in `db/` and `durable/store`, where the schema is next to it.
pub(super) fn sql(files: &[SourceFile]) -> Vec<Finding> {
    const PLACES: [&str; 3] =
        ["edge/src/db/", "edge/src/durable/store.rs", "edge/src/durable/store/"];
    const WORDS: [&str; 6] =
        ["SELECT ", "INSERT INTO", "INSERT OR", "DELETE FROM", "CREATE TABLE", "UPDATE "];
    let mut findings = Vec::new();
    let edge = files.iter().filter(|file| file.is_rust() && file.is_in("edge/src/"));
    for file in edge.filter(|file| !PLACES.iter().any(|place| at_place(&file.path, place))) {
        for (at, line) in file.text.lines().enumerate() {
            let spoken = line.trim_start().starts_with("//");
            if !spoken && WORDS.iter().any(|word| line.contains(word)) {
                findings.push(Finding::new(file, at + 1, "SQL outside of db/ and the store"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(path: &str, code: &str) -> usize {
        reserved_words(&[SourceFile::new(path, code.as_bytes())]).len()
    }

    #[test]
    fn every_reserved_word_is_found_outside_its_places() {
        for rule in &RESERVED {
            for dir in rule.inside {
                for word in rule.words {
                    let path = format!("{dir}somewhere.rs");
                    assert!(words(&path, &format!("let x = {word}(y);")) > 0, "{path} {word}");
                }
            }
        }
    }

    #[test]
    fn the_places_themselves_may_use_the_words() {
        assert_eq!(words("edge/src/clock.rs", "worker::Date::now()"), 0);
        assert_eq!(words("edge/src/db/inbox.rs", "JsValue::from(x as f64)"), 0);
        assert_eq!(words("xtask/src/report.rs", "Instant::now()"), 0);
    }

    #[test]
    fn longer_names_comments_and_strings_are_no_use() {
        assert_eq!(words("edge/src/a.rs", "reapply(x); apply_all(x); // apply"), 0);
        assert_eq!(words("edge/src/a.rs", "let x = \"JsValue\"; /* Date::now */"), 0);
        assert_eq!(words("shared/src/a.rs", "brand::x(); random_seed()"), 0);
    }

    #[test]
    fn sql_is_found_outside_its_places() {
        let found = |path: &str, text: &str| sql(&[SourceFile::new(path, text.as_bytes())]).len();
        let query = "db.run(\"SELECT id FROM event\");";
        assert_eq!(found("edge/src/http/status.rs", query), 1);
        assert_eq!(found("edge/src/db/inbox.rs", query), 0);
        assert_eq!(found("edge/src/durable/store.rs", query), 0);
        assert_eq!(found("edge/src/http/status.rs", "// SELECT is not for us"), 0);
    }
}
