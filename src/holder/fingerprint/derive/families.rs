//! What names a browser, an application, a client or a robot. Data: the names are those of `docs/components.md`.

use super::table::{Row, is_ordered};

/// Who wins when several words of one text have a row: the later here, and of equals the first in the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Named by nearly all for the sake of old servers.
    Base,
    /// The engine's own browser; others that are built from it name it too.
    Engine,
    /// A library or tool that makes requests.
    Client,
    /// A browser.
    Browser,
    /// An application with a browser inside.
    App,
    /// A part of an application that is one by itself.
    Inner,
    /// A robot.
    Bot,
}

/// What must stand around the word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `Word/`: many names are also words of a comment, such as a telephone's model.
    Product,
    /// `Word/` or `Word 1`.
    Spaced,
    /// Anything, but not in a comment.
    Outside,
    /// Anything.
    Bare,
    /// Anything; and the word may go on.
    Prefix,
    /// `Word/`, and it tells only the version of a family found by another word.
    Fill,
}

/// Where the version stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Behind the word.
    Own,
    /// Behind one of the next words: `Name for System/1`.
    Next,
    /// Behind `Chrome/`.
    Chrome,
    /// Behind `Version/`.
    Version,
    /// Behind `rv:`.
    Revision,
    /// The system's.
    System,
}

/// What a word says about the family.
pub(super) struct FamilyRow {
    word: &'static str,
    pub(super) family: &'static str,
    pub(super) rank: Rank,
    pub(super) form: Form,
    pub(super) version: Source,
}

impl Row for FamilyRow {
    fn word(&self) -> &'static str {
        self.word
    }

    fn is_prefix(&self) -> bool {
        matches!(self.form, Form::Prefix)
    }
}

macro_rules! families {
    ($( $word:literal $family:literal $rank:ident $form:ident $version:ident; )*) => {
        /// In the order of the words.
        pub(super) const FAMILIES: &[FamilyRow] = &[ $( FamilyRow {
            word: $word,
            family: $family,
            rank: Rank::$rank,
            form: Form::$form,
            version: Source::$version,
        }, )* ];
    };
}

families! {
    "115browser" "115 browser" Browser Product Own;
    "abb" "aloha browser" Browser Product Own;
    "adg" "aol desktop gold browser" Browser Product Own;
    "adobecep" "adobe cep" App Product Own;
    "adsbot-google" "adsbot-google" Bot Bare Own;
    "agency" "agency" Browser Product Own;
    "ahrefsbot" "ahrefsbot" Bot Bare Own;
    "aiohttp" "python aiohttp" Client Product Own;
    "alohabrowser" "aloha browser" Browser Product Own;
    "amazonbot" "amazonbot" Bot Bare Own;
    "aolshield" "aol shield browser" Browser Product Own;
    "apache-httpclient" "apache-httpclient" Client Product Own;
    "app_version" "tiktok" App Fill Own;
    "applebot" "applebot" Bot Bare Own;
    "arkweb" "arkweb" Browser Product Own;
    "atcontent" "atcontent" Browser Product Own;
    "atom" "atom" Browser Product Own;
    "avast" "avast secure browser" Browser Product Own;
    "avastsecurebrowser" "avast secure browser" Browser Product Own;
    "avg" "avg" Browser Product Own;
    "avira" "avira" Browser Product Own;
    "axios" "axios" Client Product Own;
    "baiduboxapp" "baidu explorer" App Product Own;
    "baiduspider" "baiduspider" Bot Bare Own;
    "barcelona" "threads" App Spaced Own;
    "bdhonorbrowser" "honor browser" Browser Product Own;
    "bingbot" "bingbot" Bot Bare Own;
    "bingpreview" "bingpreview" Bot Bare Own;
    "brave" "brave" Browser Bare Own;
    "bytedancewebview" "tiktok" App Product Own;
    "bytespider" "bytespider" Bot Bare Own;
    "ccbot" "ccbot" Bot Bare Own;
    "ccleaner" "ccleaner" Browser Product Own;
    "cfnetwork" "cfnetwork" Base Product Own;
    "chatgpt-user" "chatgpt-user" Bot Bare Own;
    "chrome" "chrome" Engine Product Own;
    "chrome-lighthouse" "chrome-lighthouse" Bot Bare Own;
    "chromium" "chrome" Engine Product Own;
    "citizenfx" "citizenfx" App Product Own;
    "claudebot" "claudebot" Bot Bare Own;
    "coc_coc_browser" "coc coc" Browser Product Own;
    "config" "config" Browser Product Own;
    "cravingexplorer" "craving explorer browser" Browser Product Own;
    "crios" "chrome mobile ios" Browser Product Own;
    "curl" "curl" Client Product Own;
    "dalvik" "android" Client Product System;
    "dart" "dart" Client Product Own;
    "ddg" "duckduckgo" Browser Product Own;
    "decentr" "decentr web3 browser" Browser Outside Own;
    "discord" "discord" App Product Own;
    "discordbot" "discordbot" Bot Bare Own;
    "dotbot" "dotbot" Bot Bare Own;
    "duckduckbot" "duckduckbot" Bot Bare Own;
    "duckduckgo" "duckduckgo" Browser Product Own;
    "ecosia" "ecosia" Browser Bare Next;
    "edg" "edge" Browser Product Own;
    "edga" "edge mobile" Browser Product Own;
    "edge" "edge" Browser Product Own;
    "edgios" "edge mobile" Browser Product Own;
    "electron" "electron" Browser Product Own;
    "epiphany" "epiphany" Browser Product Own;
    "facebookbot" "facebookbot" Bot Product Own;
    "facebookexternalhit" "facebookbot" Bot Product Own;
    "facebot" "facebookbot" Bot Product Own;
    "falkon" "falkon" Browser Product Own;
    "fban" "facebook" App Product Own;
    "fbav" "facebook" App Product Own;
    "firefox" "firefox" Engine Product Own;
    "focus" "firefox focus" Browser Product Own;
    "fxios" "firefox ios" Browser Product Own;
    "go-http-client" "go-http-client" Client Product Own;
    "google-inspectiontool" "google-inspectiontool" Bot Bare Own;
    "googlebot" "googlebot" Bot Prefix Own;
    "gost" "chromium gost browser" Browser Bare Own;
    "gptbot" "gptbot" Bot Bare Own;
    "gsa" "google" App Product Own;
    "guzzlehttp" "guzzlehttp" Client Product Own;
    "headlesschrome" "headlesschrome" Browser Product Own;
    "herring" "herring" Browser Product Own;
    "heytapbrowser" "heytap browser" Browser Product Own;
    "hibrowser" "hibrowser" Browser Product Own;
    "hola" "hola" Browser Product Own;
    "honorbrowser" "honor browser" Browser Product Own;
    "httpie" "httpie" Client Product Own;
    "httpx" "python httpx" Client Product Own;
    "huaweibrowser" "huawei browser" Browser Product Own;
    "insomnia" "insomnia" Client Product Own;
    "instabridge" "instabridge" Browser Product Own;
    "instagram" "instagram" App Spaced Own;
    "iron" "iron" Browser Product Own;
    "java" "java" Client Product Own;
    "jisu" "jisu browser" Browser Product Own;
    "kakaotalk" "kakaotalk" App Spaced Own;
    "klar" "firefox focus" Browser Product Own;
    "ladybird" "ladybird" Browser Product Own;
    "libwww-perl" "libwww-perl" Client Product Own;
    "likewise" "likewise" Browser Product Own;
    "line" "line" App Product Own;
    "linkedinapp" "linkedin" App Bare Own;
    "linkedinbot" "linkedinbot" Bot Bare Own;
    "maxthon" "maxthon" Browser Product Own;
    "mediapartners-google" "mediapartners-google" Bot Bare Own;
    "messengerforios" "facebook messenger" Inner Bare Next;
    "messengerliteforios" "facebook messenger" Inner Bare Next;
    "meta-externalagent" "meta-externalagent" Bot Bare Own;
    "micromessenger" "wechat browser" App Product Own;
    "mini" "opera mini" App Product Own;
    "miuibrowser" "miui browser" Browser Product Own;
    "mj12bot" "mj12bot" Bot Bare Own;
    "mqqbrowser" "qq browser" Browser Product Own;
    "msie" "ie" Engine Spaced Own;
    "musical_ly_" "tiktok" App Prefix Own;
    "mypal" "mypal" Browser Product Own;
    "naver" "naver" App Outside Own;
    "node-fetch" "node-fetch" Client Product Own;
    "norton" "norton" Browser Product Own;
    "oai-searchbot" "oai-searchbot" Bot Bare Own;
    "obs" "obs studio" App Product Own;
    "oculusbrowser" "oculus browser" Browser Product Own;
    "odin" "odin" Browser Product Own;
    "okhttp" "okhttp" Client Product Own;
    "omi" "vewd browser" Browser Product Own;
    "openwave" "openwave" Browser Product Own;
    "opera" "opera" Browser Product Own;
    "opios" "opera mini" Browser Product Own;
    "opr" "opera" Browser Product Own;
    "opt" "opera touch" Browser Product Own;
    "opx" "opera gx" Browser Product Own;
    "orca-android" "facebook messenger" Inner Bare Next;
    "palemoon" "pale moon" Browser Product Own;
    "perplexitybot" "perplexitybot" Bot Bare Own;
    "petalbot" "petalbot" Bot Bare Own;
    "phantom" "phantom" App Product Next;
    "phx" "phoenix browser" Browser Product Own;
    "pinterest" "pinterest" App Outside Next;
    "pinterestbot" "pinterestbot" Bot Bare Own;
    "postmanruntime" "postmanruntime" Client Product Own;
    "powershell" "powershell" Client Product Own;
    "puffin" "puffin" Browser Product Own;
    "python-httpx" "python httpx" Client Product Own;
    "python-requests" "python requests" Client Product Own;
    "python-urllib" "python-urllib" Client Product Own;
    "qaxbrowser" "qax browser" Browser Outside Own;
    "qihu" "360 secure browser" Browser Outside Own;
    "qqbrowser" "qq browser" Browser Product Own;
    "qtwebengine" "qt web engine" Browser Product Own;
    "quark" "quark" Browser Product Own;
    "quarkpc" "quark" Browser Product Own;
    "r2client" "r2client" App Product Own;
    "reactornetty" "reactornetty" Client Product Own;
    "restsharp" "restsharp" Client Product Own;
    "ruby" "ruby" Client Product Own;
    "ruxitsynthetic" "ruxit synthetic" Bot Bare Own;
    "safari" "safari" Base Product Version;
    "samsungbrowser" "samsung internet" Browser Product Own;
    "sberbrowser" "sber browser" Browser Product Own;
    "scrapy" "scrapy" Bot Bare Own;
    "seamonkey" "seamonkey" Browser Product Own;
    "semrushbot" "semrushbot" Bot Bare Own;
    "seznambot" "seznambot" Bot Bare Own;
    "silk" "amazon silk" Browser Product Own;
    "slack" "slack desktop client" App Product Own;
    "slack_ssb" "slack desktop client" App Product Own;
    "slackbot" "slackbot" Bot Prefix Own;
    "slbrowser" "smart lenovo browser" Browser Product Own;
    "snapchat" "snapchat" App Spaced Own;
    "sparrow" "sparrow browser" Browser Outside Own;
    "spotify" "spotify" App Product Own;
    "statuscake" "statuscakebot" Bot Bare Own;
    "talon" "talon cyber security browser" Browser Outside Own;
    "teams" "microsoft teams" App Product Own;
    "telegram-android" "telegram" App Product Own;
    "telegrambot" "telegrambot" Bot Bare Own;
    "thunderbird" "thunderbird" Browser Product Own;
    "trailer" "trailer" Browser Product Own;
    "trident" "ie" Engine Product Revision;
    "trill_" "tiktok" App Prefix Own;
    "twitter" "twitter" App Outside Next;
    "twitterbot" "twitterbot" Bot Bare Own;
    "ubrowser" "uc browser" Browser Product Own;
    "ucbrowser" "uc browser" Browser Product Own;
    "ucmobile" "uc browser" Browser Product Own;
    "undici" "undici" Client Product Own;
    "unique" "unique" Browser Product Own;
    "valve" "steam" App Bare Chrome;
    "viewer" "viewer" Browser Product Own;
    "vivaldi" "vivaldi" Browser Product Own;
    "vivobrowser" "vivobrowser" Browser Product Own;
    "waterfox" "waterfox" Browser Product Own;
    "weibo" "weibo" App Prefix Own;
    "wget" "wget" Client Product Own;
    "whale" "whale" Browser Product Own;
    "whatsapp" "whatsapp" App Product Own;
    "windowspowershell" "powershell" Client Product Own;
    "wolvic" "wolvic" Browser Product Own;
    "yaapp_" "yandex browser" Browser Prefix Own;
    "yabrowser" "yandex browser" Browser Product Own;
    "yandexbot" "yandexbot" Bot Bare Own;
    "yasearchbrowser" "yandex browser" Browser Product Own;
}

const _: () = {
    let mut rows = FAMILIES;
    while let [first, rest @ ..] = rows {
        if let [second, ..] = rest {
            assert!(is_ordered(first.word, matches!(first.form, Form::Prefix), second.word));
        }
        rows = rest;
    }
};
