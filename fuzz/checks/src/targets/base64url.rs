//! Raw bytes as base64url text, and as bytes to encode.

use countermark::tools;
use countermark_tests::base64url;

pub fn check(data: &[u8]) {
    let expected = base64url::decode(data);
    // Exactly the bytes needed, more, and one less.
    let needed = data.len() / 4 * 3 + [0, 0, 1, 2][data.len() % 4];
    assert_eq!(tools::base64url_decode(data, &mut vec![0xa5; needed]), expected.as_deref());
    let mut roomy = vec![0xa5; needed + 40];
    assert_eq!(tools::base64url_decode(data, &mut roomy), expected.as_deref());
    assert!(roomy[needed..].iter().all(|byte| *byte == 0xa5), "nothing is written behind the result");
    if let Some(less) = needed.checked_sub(1) {
        assert_eq!(tools::base64url_decode(data, &mut vec![0xa5; less]), None);
    }
    if let Some(bytes) = expected {
        assert_eq!(base64url::encode(&bytes).as_bytes(), data, "one text for each byte string");
    }
    let text = base64url::encode(data);
    assert_eq!(tools::base64url_decode(text.as_bytes(), &mut vec![0; data.len()]), Some(data));
}
