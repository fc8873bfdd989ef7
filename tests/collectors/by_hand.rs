//! What real documents mean, written out by hand over serde_json: no table, no path, no reader of ours.

use super::Observed;
use countermark::Component;
use serde_json::Value;

/// What one document of a real collector means, without its table: every path and every mark written out by hand.
pub fn by_hand(collector: &str, document: &Value) -> Observed {
    let mut found = Observed::new();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut exact = |component: Component, value: &Value, marks: &[&str]| {
        let text = text(value);
        if !value.is_null() && !text.is_empty() && !marks.contains(&text.as_str()) {
            found.entry(component.number()).or_insert_with(|| vec![text.into_bytes()]);
        }
    };
    let mut sets: Vec<(Component, Vec<String>)> = Vec::new();
    let strings = |value: &Value| value.as_array().map(|list| list.iter().map(text).collect::<Vec<_>>());
    let pieces = |value: &Value| {
        value
            .as_str()
            .map(|list| list.split(',').map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect())
    };
    match collector {
        "fingerprintjs" => {
            let of = |source: &str| &document["components"][source]["value"];
            exact(Component::SCREEN_SIZE, of("screenResolution"), &["[null,null]"]);
            exact(Component::SCREEN_DEPTH, of("colorDepth"), &[]);
            exact(Component::TIMEZONE, of("timezone"), &[]);
            exact(Component::PLATFORM, of("platform"), &[]);
            exact(Component::TOUCH, of("touchSupport"), &[]);
            exact(Component::CPU_CORES, of("hardwareConcurrency"), &[]);
            exact(Component::MEMORY, of("deviceMemory"), &[]);
            exact(Component::AUDIO, of("audio"), &["-1", "-2", "-3", "-4"]);
            if of("canvas")["text"].as_str().is_some_and(|text| text.starts_with("data:")) {
                exact(Component::CANVAS, of("canvas"), &[]);
            }
            let (basics, extensions) = (of("webGlBasics"), of("webGlExtensions"));
            for name in ["vendorUnmasked", "vendor"] {
                exact(Component::WEBGL_VENDOR, &basics[name], &[]);
            }
            for name in ["rendererUnmasked", "renderer"] {
                exact(Component::WEBGL_RENDERER, &basics[name], &[]);
            }
            exact(Component::WEBGL_PARAMETERS, &extensions["parameters"], &[]);
            sets.extend(strings(of("fonts")).map(|list| (Component::FONTS, list)));
            sets.extend(strings(&extensions["extensions"]).map(|list| (Component::FEATURES, list)));
            let languages = of("languages").as_array().unwrap().iter().flat_map(|list| strings(list).unwrap()).collect();
            sets.push((Component::LANGUAGES, languages));
            let plugins = of("plugins").as_array().unwrap().iter().map(|plugin| text(&plugin["name"])).collect();
            sets.push((Component::PLUGINS, plugins));
        }
        "clientjs" => {
            exact(Component::SCREEN_SIZE, &document["getCurrentResolution"], &[]);
            exact(Component::SCREEN_DEPTH, &document["getColorDepth"], &[]);
            exact(Component::TIMEZONE, &document["getTimeZone"], &[]);
            exact(Component::CANVAS, &document["getCanvasPrint"], &[]);
            sets.push((Component::LANGUAGES, vec![text(&document["getLanguage"])]));
            sets.extend(pieces(&document["getFonts"]).map(|list| (Component::FONTS, list)));
            sets.extend(pieces(&document["getPlugins"]).map(|list| (Component::PLUGINS, list)));
        }
        "imprintjs" => {
            for (test, number) in [
                ("screenResolution", 32),
                ("colorDepth", 33),
                ("timezoneOffset", 34),
                ("language", 35),
                ("platform", 36),
                ("touchSupport", 37),
                ("processorCores", 38),
                ("installedFonts", 48),
                ("plugins", 49),
                ("canvas", 64),
                ("audio", 65),
                ("webGl", 68),
            ] {
                exact(Component::from_number(number).unwrap(), &document[test], &[&"0".repeat(32)]);
            }
        }
        "thumbmarkjs" => {
            let of = |source: &str, name: &str| document["components"][source][name].clone();
            exact(Component::SCREEN_SIZE, &of("screen", "resolution"), &[]);
            exact(Component::SCREEN_DEPTH, &of("screen", "colorDepth"), &[]);
            exact(Component::TIMEZONE, &of("locales", "timezone"), &[]);
            exact(Component::PLATFORM, &of("system", "platform"), &[]);
            exact(Component::TOUCH, &of("screen", "maxTouchPoints"), &[]);
            exact(Component::CPU_CORES, &of("system", "hardwareConcurrency"), &[]);
            exact(Component::MEMORY, &of("hardware", "deviceMemory"), &["0", "undefined"]);
            exact(Component::CANVAS, &of("canvas", "commonPixelsHash"), &[]);
            exact(Component::AUDIO, &of("audio", "sampleHash"), &[]);
            exact(Component::WEBGL_VENDOR, &of("hardware", "videocard")["vendor"], &[]);
            exact(Component::WEBGL_RENDERER, &of("hardware", "videocard")["renderer"], &[]);
            exact(Component::WEBGL_PARAMETERS, &of("webgl", "commonPixelsHash"), &[]);
            sets.push((Component::LANGUAGES, vec![text(&of("locales", "languages"))]));
            let fonts = document["components"]["fonts"].as_object();
            sets.extend(fonts.map(|fonts| (Component::FONTS, fonts.keys().cloned().collect())));
            sets.extend(strings(&of("plugins", "plugins")).map(|list| (Component::PLUGINS, list)));
            sets.extend(strings(&of("screen", "mediaMatches")).map(|list| (Component::FEATURES, list)));
        }
        _ => exact(Component::INCOGNITO, &document["isPrivate"], &[]),
    }
    for (component, mut list) in sets {
        if list.is_empty() {
            list.push(String::new());
        }
        let mut elements: Vec<_> = list.into_iter().map(String::into_bytes).collect();
        elements.sort();
        found.insert(component.number(), elements);
    }
    found
}
