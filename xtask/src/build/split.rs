//! The widget's Wasm is linked as one and taken apart: the notice comes first, the panel and the
//! dialog about leaving when they are opened. They share the notice's code and memory.
//!
//! `wasm-split-cli` sees from the relocations which function and which text only a part needs
//! (`widget/src/parts.rs` has the seams). What nothing reaches it leaves out, and with that goes
//! what the linker had to keep because a dependency exports it.

use super::TOOL_LIMIT;
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::step;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The linker keeps the relocations.
pub(super) const LINK_ARGUMENT: &str = "-Clink-arg=--emit-relocs";

/// Exports that nobody calls: leptos brings streams to and from a server, which we do not have.
const UNUSED_EXPORTS: &str = "intounderlying";

/// The tool's loaders report to Wasm; ours are promises that the loader waits for.
const REPORTING: &str = "wrapAsyncCb(makeLoad";

/// How its loaders fetch a part; ours look at the part's integrity.
const FETCHING: &str = "fetch(new URL(";
const OUR_FETCHING: &str = "part(new URL(";

/// Sections of a module, and the kind of import that is a function, by their numbers in the binary
/// format (<https://webassembly.github.io/spec/core/binary/modules.html>).
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const FUNCTION: u8 = 0;

/// What the loader imports of the bundled glue; its folder is `target/widget/stage/bound`.
const ENTRY: &str = "\
import init, { mount, mount_cancel } from './widget.js';
import { __wasm_split_load_panel, __wasm_split_load_cancel as cancel } from './__wasm_split.js';
import { startOnce, takeOver as take } from '../../../../widget/loader/takeover.js';
const start = () => startOnce(init);
export { start as default, mount_cancel, cancel };
export { pin } from '../../../../widget/loader/pins.js';
export const takeOver = (stay, wanted) =>
  take(stay, wanted, start, mount, __wasm_split_load_panel);
";

/// Splits `linked` into `main.wasm` and parts in `dir`, which is empty before.
pub(super) fn split(paths: &Paths, linked: &Path, dir: &Path) -> Result<()> {
    let bytes = fs::read(linked).context(format_args!("read {}", linked.display()))?;
    let stripped = without_exports(&bytes, UNUSED_EXPORTS)
        .context(format_args!("{} is not understood", linked.display()))?;
    fs::create_dir_all(dir).context(format_args!("create {}", dir.display()))?;
    let input = dir.join("linked.wasm");
    fs::write(&input, stripped).context(format_args!("write {}", input.display()))?;
    let mut command = Command::new(paths.tool("wasm-split-cli"));
    command.args(["--out-name", "widget"]).arg(&input).arg(dir);
    step::run("wasm-split-cli", &mut command, TOOL_LIMIT)?;
    fs::remove_file(&input).context(format_args!("remove {}", input.display()))
}

/// Puts the script that loads parts, and the entry of the bundle, beside the glue in `bound`.
pub(super) fn link_script(dir: &Path, bound: &Path) -> Result<()> {
    let name = "__wasm_split.js";
    let script = fs::read_to_string(dir.join(name)).context(name)?;
    if script.matches(REPORTING).count() != 2 {
        return fail(format!("{name} has not the two loaders of panel and cancel"));
    }
    if (2..=4).contains(&script.matches(FETCHING).count()) {
        return write_script(&script.replace(REPORTING, "(makeLoad"), bound);
    }
    fail(format!("{name} does not fetch its parts as it used to"))
}

fn write_script(script: &str, bound: &Path) -> Result<()> {
    let name = "__wasm_split.js";
    let script = script.replace(FETCHING, OUR_FETCHING);
    let script =
        format!("import {{ part }} from '../../../../widget/loader/takeover.js';\n{script}");
    fs::write(bound.join(name), script).context(format_args!("write {name}"))?;
    fs::write(bound.join("entry.js"), ENTRY).context("write entry.js")
}

/// Gives the Wasm's imports names of two letters, in the module and in the glue that provides them:
/// each is named after its function and a hash, twice, which is what compresses worst of all.
pub(super) fn shorten(bound: &Path) -> Result<()> {
    let (wasm, glue) = (bound.join("widget_bg.wasm"), bound.join("widget.js"));
    let module = fs::read(&wasm).context(format_args!("read {}", wasm.display()))?;
    let mut script = fs::read_to_string(&glue).context("read the glue")?;
    let (module, names) = with_short_imports(&module).context("imports are not understood")?;
    for (index, name) in names.iter().enumerate() {
        let key = format!("\n        {name}: ");
        if script.matches(&key).count() != 1 {
            return fail(format!("the glue does not provide {name} once"));
        }
        script = script.replacen(&key, &format!("\n        {}: ", short_name(index)), 1);
    }
    fs::write(&wasm, module).context(format_args!("write {}", wasm.display()))?;
    fs::write(&glue, script).context("write the glue")
}

/// `aa`, `ab`, …, then longer.
fn short_name(index: usize) -> String {
    const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
    let letter = |index: usize| char::from(LETTERS.get(index % 26).copied().unwrap_or(b'_'));
    let mut name = if index < 26 * 26 { String::new() } else { short_name(index / (26 * 26)) };
    name.push(letter(index / 26));
    name.push(letter(index));
    name
}

/// The module with short names for all that it imports of the glue, and the old ones in order.
fn with_short_imports(module: &[u8]) -> Option<(Vec<u8>, Vec<String>)> {
    let mut names = Vec::new();
    let module = with_section(module, IMPORTS, |body| short_imports(body, &mut names))?;
    Some((module, names))
}

/// The import section's body: a count, then module, name, kind and type of each. Only functions are
/// imported of the glue.
fn short_imports(body: &[u8], names: &mut Vec<String>) -> Option<Vec<u8>> {
    let (count, mut rest) = number(body)?;
    let mut kept = Vec::new();
    put_number(&mut kept, count);
    for _ in 0..count {
        let (length, after) = number(rest)?;
        let (_, after) = after.split_at_checked(length)?;
        let module = rest.get(..rest.len() - after.len())?;
        let (length, after) = number(after)?;
        let (name, after) = after.split_at_checked(length)?;
        let (_, next) = number(after.strip_prefix(&[FUNCTION])?)?;
        let short = short_name(names.len());
        names.push(String::from_utf8(name.to_vec()).ok()?);
        kept.extend(module);
        put_number(&mut kept, short.len());
        kept.extend(short.as_bytes());
        kept.extend(after.get(..after.len() - next.len())?);
        rest = next;
    }
    Some(kept)
}

/// The same module without the exports whose name contains `word`. `None` for something that is no
/// Wasm module.
fn without_exports(module: &[u8], word: &str) -> Option<Vec<u8>> {
    with_section(module, EXPORTS, |body| filtered(body, word))
}

/// The same module with another body for one section. `None` for something that is no Wasm module.
fn with_section(
    module: &[u8],
    wanted: u8,
    mut edit: impl FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    const HEADER_BYTES: usize = 8;
    let mut kept = module.get(..HEADER_BYTES)?.to_vec();
    let mut rest = module.get(HEADER_BYTES..)?;
    while let Some((&id, after)) = rest.split_first() {
        let (length, after) = number(after)?;
        let (body, next) = after.split_at_checked(length)?;
        if id == wanted {
            let body = edit(body)?;
            kept.push(id);
            put_number(&mut kept, body.len());
            kept.extend(body);
        } else {
            kept.extend(rest.get(..rest.len() - next.len())?);
        }
        rest = next;
    }
    Some(kept)
}

/// The export section's body: a count, then name, kind and index of each.
fn filtered(body: &[u8], word: &str) -> Option<Vec<u8>> {
    let (count, mut rest) = number(body)?;
    let mut entries: Vec<u8> = Vec::new();
    let mut kept = 0;
    for _ in 0..count {
        let (length, after) = number(rest)?;
        let (name, after) = after.split_at_checked(length)?;
        let (_, next) = number(after.get(1..)?)?;
        if !std::str::from_utf8(name).ok()?.contains(word) {
            entries.extend(rest.get(..rest.len() - next.len())?);
            kept += 1;
        }
        rest = next;
    }
    let mut filtered = Vec::new();
    put_number(&mut filtered, kept);
    filtered.extend(entries);
    Some(filtered)
}

/// LEB128, unsigned, of at most 32 bits.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

fn put_number(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive() {
        for value in [0, 1, 127, 128, 300, 1 << 20, 0xffff_ffff] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, value);
            bytes.push(9);
            assert_eq!(number(&bytes), Some((value, &[9_u8][..])));
        }
        assert_eq!(number(&[0x80; 6]), None);
        assert_eq!(number(&[]), None);
    }

    #[test]
    fn imports_get_short_names_in_their_order() {
        let header = [0, b'a', b's', b'm', 1, 0, 0, 0];
        let module = |names: [&[u8]; 2]| {
            let entry = |name: &[u8]| {
                [&[1, b'm', u8::try_from(name.len()).unwrap()], name, &[0, 9]].concat()
            };
            let body = [vec![2], names.map(entry).concat()].concat();
            [&header[..], &[2, u8::try_from(body.len()).unwrap()], &body].concat()
        };
        let (short, names) = with_short_imports(&module([b"__wbg_focus_1f", b"x"])).unwrap();
        assert_eq!(short, module([b"aa", b"ab"]));
        assert_eq!(names, ["__wbg_focus_1f", "x"]);
        assert_eq!((short_name(25), short_name(26)), ("az".to_owned(), "ba".to_owned()));
        assert_eq!(short_name(26 * 26), "abaa");
    }

    #[test]
    fn an_export_goes_and_everything_else_stays() {
        let header = [0, b'a', b's', b'm', 1, 0, 0, 0];
        let other = [0, 2, 1, b'x'];
        let export = |name: &[u8], index: u8| {
            let length = u8::try_from(name.len()).unwrap();
            [&[length], name, &[0, index]].concat()
        };
        let module = |exports: &[Vec<u8>]| {
            let body = [vec![u8::try_from(exports.len()).unwrap()], exports.concat()].concat();
            let length = u8::try_from(body.len()).unwrap();
            [&header[..], &[7, length], &body, &other].concat()
        };
        let (mount, unused) = (export(b"mount", 3), export(b"x_intounderlyingsink", 4));
        assert_eq!(
            without_exports(&module(&[unused, mount.clone()]), "intounder").unwrap(),
            module(&[mount])
        );
        assert_eq!(without_exports(b"\0asm\x01\0\0\0\x07\x05", "x"), None);
    }
}
