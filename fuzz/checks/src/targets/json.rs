//! Raw bytes as JSON under arbitrary limits, against the tree reader.

use countermark::Limits;
use countermark::tools::{self, Fault};
use countermark_tests::json::{self, Json, Refusal};
use countermark_tests::views;

/// Input: depth, members, whether an object is asked for (one byte each), then the text.
pub fn check(data: &[u8]) {
    let [depth, members, object, text @ ..] = data else { return };
    let limits = Limits { depth: 1 + usize::from(depth % 16), members: 1 + usize::from(*members), ..Limits::DEFAULT };
    let object = object & 1 == 1;
    // As much index as the published formula says is needed, and no byte more.
    let entries = (text.len() / 5 + 1).min(limits.members * limits.depth);
    let found = tools::json_read(text, object, &limits, &mut vec![0xa5; entries * 2]);
    let read = if object { json::read_object } else { json::read };
    let expected = read(text, limits.depth, limits.members);
    let outermost = expected.as_ref().map(|node| if let Json::Object(members) = &node.json { members.len() } else { 0 });
    let outermost = outermost.map_err(|refusal| match refusal {
        Refusal::Syntax => Fault::Syntax,
        Refusal::Duplicate => Fault::Duplicate,
        Refusal::Limit => Fault::Limit,
    });
    assert_eq!(found, outermost, "{limits:?} {:?}", String::from_utf8_lossy(text));
    if let Ok(node) = expected {
        views::same(tools::json_value(text), &node);
    }
    // With less index the reader may refuse; it never says anything else, nor reads or writes out of bounds.
    let fewer = entries.saturating_sub(1 + usize::from(*members) % 4);
    let tight = tools::json_read(text, object, &limits, &mut vec![0xa5; fewer * 2]);
    assert!(tight == found || tight == Err(Fault::Limit), "{tight:?} {found:?}");
}
