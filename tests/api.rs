//! The public Rust API, item by item, stands in `api.txt`: the baseline of 0.1. What is added, changed or removed shows as a
//! difference of that file, and goes to the CHANGELOG. `UPDATE=1` rewrites it.

use quote::ToTokens;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use syn::{Attribute, Fields, ImplItem, Item, TraitItem, Type, UseTree, Visibility};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn parsed(file: &Path) -> syn::File {
    syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The names that a `pub use` hands on; `*` for all of a module's.
fn leaves(tree: &UseTree, module: &str, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &path.ident.to_string(), names),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(name) => drop(names.insert(name.rename.to_string())),
        UseTree::Glob(_) => drop(names.insert(format!("{module}::*"))),
        UseTree::Group(group) => group.items.iter().for_each(|item| leaves(item, module, names)),
    }
}

/// Rust as a person would space it.
fn tidy(item: impl ToTokens) -> String {
    let mut text = item.to_token_stream().to_string();
    let closer = [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        (" ;", ";"),
        ("[ ", "["),
        (" ]", "]"),
        ("- >", "->"),
        ("-> ", "-> "),
        (",>", ">"),
        ("!(", "! ("),
    ];
    for (apart, together) in closer {
        text = text.replace(apart, together);
    }
    text.replace("->", " -> ").replace("  ", " ")
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.to_token_stream().to_string().contains("hidden"))
}

fn name_of(of: &Type) -> Option<String> {
    let Type::Path(path) = of else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

fn fields(name: &str, fields: &Fields, lines: &mut BTreeSet<String>) {
    for (place, field) in fields.iter().enumerate() {
        if is_public(&field.vis) && !is_hidden(&field.attrs) {
            let label = field.ident.as_ref().map_or(place.to_string(), ToString::to_string);
            lines.insert(format!("{name}.{label}: {}", tidy(&field.ty)));
        }
    }
}

fn describe(item: &Item, is_exported: &dyn Fn(&str) -> bool, lines: &mut BTreeSet<String>) {
    let mut add = |name: String, line: String| {
        if is_exported(&name) {
            lines.insert(line);
        }
    };
    match item {
        Item::Const(item) if is_public(&item.vis) => {
            add(item.ident.to_string(), format!("const {}: {}", item.ident, tidy(&item.ty)))
        }
        Item::Fn(item) if is_public(&item.vis) => add(item.sig.ident.to_string(), tidy(&item.sig)),
        Item::Type(item) if is_public(&item.vis) => add(item.ident.to_string(), format!("type {}", item.ident)),
        Item::Struct(item) if is_public(&item.vis) && is_exported(&item.ident.to_string()) => {
            lines.insert(format!("struct {}{}", item.ident, tidy(&item.generics)));
            fields(&item.ident.to_string(), &item.fields, lines);
        }
        Item::Enum(item) if is_public(&item.vis) && is_exported(&item.ident.to_string()) => {
            lines.insert(format!("enum {}{}", item.ident, tidy(&item.generics)));
            for variant in &item.variants {
                lines.insert(format!("{}::{}{}", item.ident, variant.ident, tidy(&variant.fields)));
            }
        }
        Item::Trait(item) if is_public(&item.vis) && is_exported(&item.ident.to_string()) => {
            lines.insert(format!("trait {}{}", item.ident, tidy(&item.generics)));
            for member in &item.items {
                if let TraitItem::Fn(function) = member {
                    lines.insert(format!("{}::{}", item.ident, tidy(&function.sig)));
                }
            }
        }
        Item::Impl(item) => {
            let Some(name) = name_of(&item.self_ty).filter(|name| is_exported(name)) else { return };
            if let Some((_, of, _)) = &item.trait_ {
                lines.insert(format!("{name}: {}", tidy(of)));
                return;
            }
            for member in &item.items {
                match member {
                    ImplItem::Fn(function) if is_public(&function.vis) => {
                        lines.insert(format!("{name}::{}", tidy(&function.sig)));
                    }
                    ImplItem::Const(constant) if is_public(&constant.vis) => {
                        lines.insert(format!("{name}::{}: {}", constant.ident, tidy(&constant.ty)));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn own_type(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) if !is_public(&item.vis) => Some(item.ident.to_string()),
        Item::Enum(item) if !is_public(&item.vis) => Some(item.ident.to_string()),
        _ => None,
    }
}

fn api() -> String {
    let mut exported = BTreeSet::new();
    for item in &parsed(&source().join("lib.rs")).items {
        if let Item::Use(item) = item
            && is_public(&item.vis)
        {
            leaves(&item.tree, "", &mut exported);
        }
    }
    let mut lines = BTreeSet::new();
    for file in files(&source()) {
        let module = file.file_stem().unwrap().to_str().unwrap();
        if ["lib", "tools"].contains(&module) {
            continue;
        }
        let whole = format!("{module}::*");
        let items = parsed(&file).items;
        // A type of the crate's own may have the name of an exported one.
        let own: BTreeSet<String> = items.iter().filter_map(own_type).collect();
        let is_exported = |name: &str| (exported.contains(name) || exported.contains(&whole)) && !own.contains(name);
        items.iter().for_each(|item| describe(item, &is_exported, &mut lines));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

#[test]
fn the_api_is_the_one_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("api.txt");
    let found = api();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap();
    let (written, found): (BTreeSet<_>, BTreeSet<_>) = (written.lines().collect(), found.lines().collect());
    let removed: Vec<_> = written.difference(&found).collect();
    let added: Vec<_> = found.difference(&written).collect();
    assert!(removed.is_empty() && added.is_empty(), "removed: {removed:#?}\nadded: {added:#?}\nrun again with UPDATE=1");
}
