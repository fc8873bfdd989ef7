//! An arbitrary policy, sketch and client: every figure and the verdict by the oracle, in Rust and C; then the sketch is minted
//! and re-issued, and that is the oracle's too.

use crate::input::Input;
use countermark::Status;
use countermark_tests::base64url;
use countermark_tests::judge::Outcome;
use countermark_tests::sketch::{self, Client, numbers};
use countermark_tests::sketch_cases::{Case, Chooser, Presented, assert_as_the_book, case, judge_json};
use countermark_tests::sketch_issue::{Order, claim_of};
use countermark_tests::sketch_rules::component;
use countermark_tests::token::TokenBuilder;

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let mode = input.byte();
    let edits: Vec<(u16, u8)> = (0..input.below(6)).map(|_| (input.word(), input.byte())).collect();
    let own = input.bytes();
    let case = case(&mut Chooser(&mut || input.byte()));
    let mut presented = Presented::of(&case.client);
    let mut claim = case.claim.bytes();
    match mode % 4 {
        0 => {}
        1 => edits.iter().for_each(|edit| edit_claim(&mut claim, *edit)),
        2 => claim = own.to_vec(),
        _ => edits.iter().for_each(|edit| edit_client(&mut presented, *edit)),
    }
    let text = base64url::encode(&claim);
    let outcome = judge_json(&case.rules, &format!("\"{text}\""), &presented);
    let Some(client) = presented.observed() else {
        let expected = match sketch::Claim::read(&claim) {
            None => Status::FingerprintMalformed,
            Some(claim) if case.rules.pepper(claim.pepper).is_none() => Status::PepperUnknown,
            Some(_) => Status::ComponentMalformed,
        };
        assert_eq!((outcome.status, &outcome.score), (expected, &None));
        let minted = Order::first(&case.rules, &presented, case.claim.salt).token();
        assert_eq!(minted, Err(Status::ComponentMalformed));
        return;
    };
    assert_as_the_book(&case.rules, &claim, &client, &outcome);
    mint(&case, &presented, &client);
    reissue(&case, &presented, &text, &outcome);
}

/// One byte changed, put in or taken out.
fn edit_claim(claim: &mut Vec<u8>, (place, byte): (u16, u8)) {
    let at = usize::from(place >> 2) % claim.len().max(1);
    match place & 3 {
        0 if !claim.is_empty() => drop(claim.remove(at)),
        1 => claim.insert(at, byte),
        2 if !claim.is_empty() => claim.truncate(at),
        _ => claim.iter_mut().skip(at).take(1).for_each(|place| *place = byte),
    }
}

/// One supplied value moved, repeated, dropped, changed, or put under another number.
fn edit_client(presented: &mut Presented, (place, byte): (u16, u8)) {
    let values = &mut presented.supplied.0;
    let at = usize::from(place >> 3) % values.len().max(1);
    let all: Vec<u8> = numbers().collect();
    let any = component(all[usize::from(byte) % all.len()]);
    match (place & 7, values.get(at).cloned()) {
        (0, Some(_)) => drop(values.remove(at)),
        (1, Some(value)) => values.push(value),
        (2, Some(value)) => values.insert(0, value),
        (3, Some((component, mut value))) => {
            value.push(byte);
            values[at] = (component, value);
        }
        (4, Some((_, value))) => values[at] = (any, value),
        (5, Some(_)) => values.swap(0, at),
        _ => values.insert(at, (any, vec![b'0' + byte % 12; usize::from(byte % 7)])),
    }
}

/// A first sketch is the oracle's, byte for byte.
fn mint(case: &Case, presented: &Presented, client: &Client) {
    let token = Order::first(&case.rules, presented, case.claim.salt).token().expect("sound rules");
    let compared = client.iter().filter(|(number, _)| case.rules.rules.weights.contains_key(number));
    let compared: Client = compared.map(|(number, value)| (*number, value.clone())).collect();
    let (number, pepper) = &case.rules.peppers[0];
    let expected = sketch::mint((*number, pepper), case.claim.salt, case.rules.rules.k(), &compared);
    assert_eq!(claim_of(&token, "cmk"), expected);
}

/// A re-issue happens exactly after accept, keeps the components, and never clears a moved bit.
fn reissue(case: &Case, presented: &Presented, text: &str, outcome: &Outcome) {
    let previous = TokenBuilder::new("HS256").payload_with(&format!("\"cmk\":\"{text}\"")).build();
    let order = Order { previous: Some(&previous), ..Order::first(&case.rules, presented, [9; 8]) };
    match order.token() {
        // Accepted, and yet too far from the first for a new token, or without what the page told.
        Err(status) if outcome.status == Status::Accepted => assert_eq!(status, Status::StepUp),
        Err(status) => assert_eq!(status, outcome.status),
        Ok(token) => {
            assert_eq!(outcome.status, Status::Accepted);
            let (before, after) = (claim_of(&previous, "cmk"), claim_of(&token, "cmk"));
            assert_eq!(after.generation, before.generation.saturating_add(1));
            let pairs = before.entries.iter().zip(&after.entries);
            assert!(before.entries.len() == after.entries.len() && pairs.clone().all(|(old, new)| old.number == new.number));
            assert!(pairs.clone().all(|(old, new)| new.moved || !old.moved), "a moved bit stays set");
        }
    }
}
