// Every part of countermark.hpp once, with good arguments and with bad ones. Checks itself.
#include "countermark.hpp"

#include <cstdio>

#define CHECK(condition)                                                     \
    do {                                                                     \
        if (!(condition)) {                                                  \
            std::printf("line %d: %s\n", __LINE__, #condition);              \
            return 1;                                                        \
        }                                                                    \
    } while (0)

namespace cmk = countermark;
static constexpr std::string_view SECRET = "a secret of at least thirty-two bytes";
static constexpr std::int64_t NOW = 1900000000;

static int minted_here_and_read_here() {
    const cmk_header fields[] = {{cmk::bytes("User-Agent"), cmk::bytes("one")}};
    const cmk_header others[] = {{cmk::bytes("User-Agent"), cmk::bytes("two")}};
    const cmk_evidence client = cmk_evidence_of(fields, 1);
    const cmk_evidence thief = cmk_evidence_of(others, 1);
    const cmk_recipe recipe = cmk_recipe_headers(cmk::bytes("fp"), cmk::bytes("sixteen bytes or more"));
    const auto signer = cmk::Signer::of_secret(CMK_HS256, SECRET);
    CHECK(signer.status());
    cmk_mint mint = cmk_mint_for(cmk::bytes("al\"ice"), NOW + 60);
    mint.claims = cmk::bytes(R"({"roles":["a","b"],"n":7,"admin":true,"deep":{"er":1}})");
    mint.digest = &recipe;
    mint.evidence = &client;
    std::array<unsigned char, 1024> scratch;
    std::array<char, 1024> buffer;
    std::string_view token;
    CHECK(signer.issue(mint, scratch, buffer, token));

    cmk::Keys<2> keys;
    CHECK(keys.status() && keys.add_secret(CMK_HS256, SECRET, cmk::bytes("k")));
    CHECK(keys.add_secret(CMK_HS256, SECRET, cmk::bytes("k")).code() == CMK_KEY_ID_DUPLICATE);
    CHECK(keys.add_sec1(CMK_ES256, "short").code() == CMK_KEY_POINT);
    cmk_policy policy = cmk_policy_strict();
    policy.digest = &recipe;
    const cmk::Verifier verifier(keys, policy);
    CHECK(verifier.status());
    cmk_request request = cmk_request_at(cmk::bytes(token), NOW);
    request.evidence = &client;
    const auto verdict = verifier.verify(request, scratch.data(), scratch.size());
    CHECK(verdict && verdict.status());
    const auto &claims = *verdict.claims;
    std::array<char, 16> text;
    CHECK(!claims.get("sub")->text() && *claims.get("sub")->text(text) == "al\"ice");
    CHECK(claims.get("n")->integer() == 7 && claims.get("n")->kind() == CMK_NUMBER && !claims.get("n")->boolean());
    CHECK(claims.get("admin")->boolean() == true && claims.at("deep.er")->integer() == 1);
    CHECK(*claims.get("roles")->element(1)->text() == "b" && !claims.get("roles")->element(2));
    CHECK(claims.get("deep")->member("er")->json() == "1" && !claims.get("absent"));
    CHECK(!claims.text("sub") && *claims.text("sub", text) == "al\"ice" && !claims.text("absent") && !claims.text("absent", text));
    CHECK(claims.expires_at() == NOW + 60 && !claims.not_before() && !claims.issued_at() && claims.json().front() == '{');
    std::array<char, 64> digest;
    CHECK(*cmk::digest(recipe, client, digest) == *claims.get("fp")->text());

    request.evidence = &thief;
    const auto refused = verifier.verify(request, scratch.data(), scratch.size());
    CHECK(!refused && !refused.claims && refused.failed(CMK_FAILED_FINGERPRINT_MISMATCH));
    int failures = 0;
    refused.each_failure([&](cmk::Status status) { failures += status.code() == CMK_FINGERPRINT_MISMATCH ? 1 : 100; });
    CHECK(failures == 1 && refused.status().http() == 401);
    CHECK(refused.status().name() == "FINGERPRINT_MISMATCH" && refused.status().stage() == "holder");
    std::array<char, 64> value;
    CHECK(cmk::challenge(refused.status(), value) == "Bearer error=\"invalid_token\"");
    std::string_view payload;
    CHECK(verifier.verify_opaque(request, scratch.data(), scratch.size(), payload).code() == CMK_POLICY_CONFLICT);
    CHECK(payload.empty());

    // The successor has no keys yet, the same issuer (none) and the next generation; a verifier may be made later.
    auto successor = cmk::Keys<2>::after(keys.get());
    std::uint32_t before = 0, generation = 0;
    CHECK(cmk_keys_generation(keys.get(), &before) == CMK_OK);
    CHECK(successor.status() && cmk_keys_generation(successor.get(), &generation) == CMK_OK && generation == before + 1);
    cmk::Verifier later;
    request.evidence = &client;
    CHECK(later.verify(request, scratch).status().code() == CMK_NOT_INITIALIZED && !later.status());
    CHECK(successor.add_secret(CMK_HS256, SECRET) && later.init(successor, policy) && later.verify(request, scratch));
    CHECK(!cmk::Keys<2>::after(nullptr).status());
    return 0;
}

static int what_fails_says_so() {
    // An empty issuer is an issuer: the set must not become one that belongs to none.
    const cmk::Keys<1> bound{std::string_view{}};
    cmk::Keys<1> bound_with_key{std::string_view{}};
    CHECK(bound.status() && bound_with_key.add_secret(CMK_HS256, SECRET));
    const cmk::Verifier verifier(bound_with_key, cmk_policy_strict());
    const auto signer = cmk::Signer::of_secret(CMK_HS256, SECRET);
    std::array<unsigned char, 512> scratch;
    std::array<char, 512> buffer;
    std::string_view token;
    CHECK(signer.issue(cmk_mint_for(cmk::bytes("alice"), NOW + 60), scratch, buffer, token));
    const auto refused = verifier.verify(cmk_request_at(cmk::bytes(token), NOW), scratch.data(), scratch.size());
    CHECK(!refused && refused.failed(CMK_FAILED_KEY_ISSUER));
    CHECK(!cmk::Status() && !cmk::Verdict{}.status());
    CHECK(cmk::Signer::of_secret(CMK_HS256, "short").status().code() == CMK_KEY_TOO_SHORT);
    CHECK(cmk::Signer::of_scalar(CMK_ES256, "short").status().code() == CMK_KEY_LENGTH);
    std::array<unsigned char, 65> point;
    CHECK(!signer.public_key(point));
    cmk_credentials found;
    const cmk_header field = {cmk::bytes("Authorization"), cmk::bytes("Bearer a.b.c")};
    CHECK(cmk::authorization("Bearer a.b.c", found) && cmk::view(found.token) == "a.b.c" && found.scheme == CMK_BEARER);
    CHECK(cmk::authorization("", found).code() == CMK_CREDENTIALS_MISSING && found.token.ptr == nullptr);
    CHECK(cmk::find(cmk_source_authorization(), &field, 1, "", found) && cmk::view(found.token) == "a.b.c");
    CHECK(cmk::find(cmk_source_authorization(), &field, 0, "", found).code() == CMK_CREDENTIALS_MISSING);
    return 0;
}

static int possession() {
    cmk_dpop rules = cmk_dpop_rules();
    std::array<char, CMK_NONCE_CHARS> nonce;
    CHECK(!cmk::dpop_nonce(rules, NOW, nonce));
    rules.nonce_secret = cmk::bytes(SECRET);
    CHECK(cmk::dpop_nonce(rules, NOW, nonce)->size() == CMK_NONCE_CHARS);
    const auto certificate = cmk::certificate(cmk_certificate_of_client_cert, ":MAEF:");
    CHECK(certificate && !cmk::certificate(cmk_certificate_of_client_cert, "MAEF"));
    std::array<char, CMK_BINDING_CHARS_MAX> binding;
    CHECK(cmk::channel_binding("a.b.c", "value", binding)->size() == 43 && !cmk::channel_binding("a.b.c", "", binding));

    cmk::Keys<1> keys;
    CHECK(keys.add_secret(CMK_HS256, SECRET));
    cmk_policy policy = cmk_policy_strict();
    policy.certificate = 1;
    const cmk::Verifier verifier(keys, policy);
    const auto signer = cmk::Signer::of_secret(CMK_HS256, SECRET);
    cmk_mint mint = cmk_mint_for(cmk::bytes("alice"), NOW + 60);
    mint.confirmed_certificate = cmk_bytes_of(certificate->digest, sizeof certificate->digest);
    std::array<unsigned char, 1024> scratch;
    std::array<char, 1024> buffer;
    std::string_view token;
    CHECK(signer.issue(mint, scratch, buffer, token));
    cmk_request request = cmk_request_at(cmk::bytes(token), NOW);
    CHECK(verifier.verify(request, scratch.data(), scratch.size()).failed(CMK_FAILED_POSSESSION_MISSING));
    cmk_evidence evidence = cmk_evidence_of(nullptr, 0);
    evidence.certificate_digest = mint.confirmed_certificate;
    request.evidence = &evidence;
    CHECK(verifier.verify(request, scratch.data(), scratch.size()));
    return 0;
}

static int accepted_once() {
    alignas(CMK_ALIGN) std::array<unsigned char, CMK_REPLAY_REGION_BYTES(100)> region;
    const auto replay = cmk::Replay::begin(region.data(), region.size(), SECRET);
    CHECK(replay.status());
    cmk_use proof{};
    proof.expires_at = NOW + 60;
    CHECK(replay.check(proof, NOW) && replay.commit(proof, NOW));
    CHECK(replay.commit(proof, NOW).code() == CMK_REPLAYED && replay.check(proof, NOW).stage() == "standing");
    const auto counts = replay.statistics(NOW);
    CHECK(counts.live == 1 && counts.replayed == 1 && counts.full == 0);
    if (cmk_table_shareable() != 0) {
        const auto other = cmk::Replay::attach(region.data(), region.size(), SECRET);
        CHECK(other.status() && !other.check(proof, NOW));
        CHECK(cmk::Replay::attach(region.data(), region.size(), "another secret, too").status().code() == CMK_TABLE_MISMATCH);
    }
    return 0;
}

static int revoked() {
    alignas(CMK_ALIGN) std::array<unsigned char, CMK_REVOCATION_REGION_BYTES(100)> region;
    const auto revocation = cmk::Revocation::begin(region.data(), region.size(), SECRET, 3600);
    CHECK(revocation.status());
    cmk::Keys<1> keys;
    CHECK(keys.add_secret(CMK_HS256, SECRET));
    cmk::Verifier verifier(keys, cmk_policy_strict());
    CHECK(verifier.use_revocation(revocation.get()));
    const auto signer = cmk::Signer::of_secret(CMK_HS256, SECRET);
    cmk_mint mint = cmk_mint_for(cmk::bytes("alice"), NOW + 60);
    mint.issued_at = NOW;
    std::array<unsigned char, 1024> scratch;
    std::array<char, 1024> buffer;
    std::string_view token;
    CHECK(signer.issue(mint, scratch, buffer, token));
    const cmk_request request = cmk_request_at(cmk::bytes(token), NOW);
    alignas(CMK_ALIGN) std::array<unsigned char, CMK_CACHE_REGION_BYTES(100)> tokens;
    const auto cache = cmk::Cache::begin(tokens.data(), tokens.size(), SECRET);
    CHECK(cache.status() && verifier.use_cache(cache.get()));
    CHECK(verifier.verify(request, scratch) && verifier.verify(request, scratch));
    CHECK(cache.statistics().kept == 1);
    if (cmk_table_shareable() != 0) {
        CHECK(cmk::Cache::attach(tokens.data(), tokens.size(), SECRET).status());
    }
    CHECK(revocation.revoke_subject("", "alice", NOW + 1, NOW));
    const auto verdict = verifier.verify(request, scratch);
    CHECK(verdict.status().code() == CMK_REVOKED && verdict.failed(CMK_FAILED_REVOKED) && !verdict.failed(CMK_FAILED_EXPIRED));
    CHECK(revocation.revoke_token("", "id", NOW + 60, NOW) && revocation.revoke_key("", "k", NOW + 60, NOW));
    CHECK(revocation.load("", NOW).code() == CMK_SNAPSHOT_MALFORMED);
    CHECK(revocation.statistics(NOW).live == 3);
    cmk_revocable names{};
    names.key_id = cmk::bytes("k");
    CHECK(revocation.check(names, NOW).code() == CMK_REVOKED);
    if (cmk_table_shareable() != 0) {
        const auto other = cmk::Revocation::attach(region.data(), region.size(), SECRET, 3600, CMK_REVOCATION_OPEN);
        CHECK(other.status() && !other.check(names, NOW));
    }
    return 0;
}

static int not_too_often() {
    alignas(CMK_ALIGN) std::array<unsigned char, CMK_THROTTLE_REGION_BYTES(100)> region;
    const auto throttle = cmk::Throttle::begin(region.data(), region.size(), SECRET);
    CHECK(throttle.status());
    const std::array<cmk_charge, 2> login{cmk_charge_of_address(cmk::bytes("POST /login"), cmk::bytes("2001:db8::1"), 1, 60, 2),
                                          cmk_charge_of_name(cmk::bytes("sub"), cmk::bytes("alice"), 1, 60, 1)};
    std::uint32_t retry_after = 0;
    CHECK(throttle.admit(login, NOW * INT64_C(1000), retry_after) && retry_after == 0);
    CHECK(throttle.admit(login, NOW * INT64_C(1000), retry_after).code() == CMK_RATE_LIMITED && retry_after > 50);
    CHECK(throttle.admit(login, NOW * INT64_C(1000), retry_after).http() == 429);
    CHECK(throttle.statistics(NOW * INT64_C(1000)).live == 2 && throttle.statistics(NOW * INT64_C(1000)).refused == 2);
    if (cmk_table_shareable() != 0) {
        const auto other = cmk::Throttle::attach(region.data(), region.size(), SECRET, true);
        CHECK(other.status() && !other.admit(login, NOW * INT64_C(1000), retry_after));
    }
    return 0;
}

static int risk_and_session() {
    const cmk::Risk risk(cmk_risk_rules_default(), "sixteen bytes or more");
    CHECK(risk.status() && cmk::Risk(cmk_risk_rules_default(), "short").status().code() == CMK_PEPPER_TOO_SHORT);
    cmk_risk_record record{};
    cmk_finding finding{};
    const cmk_visit visit = cmk_visit_of(cmk::bytes("alice"), cmk::bytes("laptop"));
    CHECK(risk.assess(record, visit, NOW, finding) && finding.signals == 0);
    CHECK(risk.observe(record, visit, cmk::Status(CMK_LOCKED_OUT), NOW));
    CHECK(risk.assess(record, visit, NOW + 1, finding).code() == CMK_LOCKED_OUT && finding.locked_until > NOW);

    const cmk_session_rules rules = {30, 600, 3600, 0};
    cmk::Session session(rules, INT64_MAX, 0, NOW);
    CHECK(session.status() && session.due() == NOW + 30);
    CHECK(cmk::Session({0, 1, 1, 0}, INT64_MAX, 0, NOW).status().code() == CMK_LIMIT_RANGE);
    cmk_seen seen{};
    CHECK(session.observe(seen, NOW + 29));
    cmk::Session kept(session.bytes());
    CHECK(kept.observe(seen, NOW + 30).code() == CMK_SESSION_REVERIFY);
    seen.flags = CMK_SEEN_VERIFIED, seen.status = CMK_EXPIRED;
    CHECK(kept.observe(seen, NOW + 30).code() == CMK_SESSION_ENDED);
    CHECK(session.due() == NOW + 30);

    const cmk_pepper pepper = {0, cmk::bytes("sixteen bytes or more")};
    const cmk::Sketch sketch(cmk_sketch_rules_of(CMK_SKETCH_BROWSER, cmk::bytes("cmk"), &pepper, 1));
    const cmk_evidence nobody = cmk_evidence_of(nullptr, 0);
    CHECK(sketch.status() && !sketch.compare("no claim", nobody));
    return 0;
}

static int nested() {
    constexpr std::string_view WRAPPING = "exactly thirty-two bytes of key.";
    cmk::Keys<2> keys;
    CHECK(keys.add_secret(CMK_HS256, SECRET, cmk::bytes("sig")) && keys.add_secret(CMK_A256KW, WRAPPING, cmk::bytes("enc")));
    const auto sealer = cmk::Sealer::of_key(CMK_A256KW, CMK_A256GCM, WRAPPING, cmk::bytes("enc"));
    const auto signer = cmk::Signer::of_secret(CMK_HS256, SECRET, cmk::bytes("sig"));
    CHECK(sealer.status() && !cmk::Sealer::of_jwk("{}", CMK_A256GCM).status());
    const std::array<char, CMK_SEAL_RANDOM_BYTES> random{1, 2, 3};
    const std::string_view fresh(random.data(), random.size());
    const cmk_mint mint = cmk_mint_for(cmk::bytes("alice"), NOW + 60);
    std::array<unsigned char, 2048> scratch;
    std::array<char, 1024> buffer;
    std::string_view token;
    CHECK(signer.issue_nested(mint, CMK_SIGNED, sealer.get(), fresh, scratch, buffer, token).code() == CMK_ARGUMENT && token.empty());
    CHECK(signer.issue_nested(mint, CMK_SIGNED_THEN_ENCRYPTED, sealer.get(), fresh, scratch, buffer, token));
    cmk_policy policy = cmk_policy_strict();
    policy.shape = CMK_SIGNED_THEN_ENCRYPTED;
    const cmk::Verifier verifier(keys, policy);
    const auto verdict = verifier.verify(cmk_request_at(cmk::bytes(token), NOW), scratch);
    CHECK(verdict && verdict.claims->text("sub") == "alice");
    const auto layers = verdict.claims->layers();
    CHECK(layers && cmk::view(layers->signed_kid) == "sig" && cmk::view(layers->encrypted_kid) == "enc");
    CHECK(sealer.seal("anything", fresh, scratch, buffer, token) && !token.empty());
    CHECK(!sealer.seal("anything", "not enough", scratch, buffer, token) && token.empty());

    // No proof in the token: verify_once is then verify.
    alignas(CMK_ALIGN) std::array<unsigned char, CMK_REPLAY_REGION_BYTES(10)> region;
    const auto replay = cmk::Replay::begin(region.data(), region.size(), SECRET);
    CHECK(signer.issue_nested(mint, CMK_SIGNED_THEN_ENCRYPTED, sealer.get(), fresh, scratch, buffer, token));
    CHECK(verifier.verify_once(cmk_request_at(cmk::bytes(token), NOW), replay.get(), scratch));
    CHECK(verifier.verify_once(cmk_request_at(cmk::bytes(token), NOW + 60), replay.get(), scratch).failed(CMK_FAILED_EXPIRED));
    return 0;
}

static int listed() {
    cmk::Keys<1> keys;
    CHECK(keys.add_secret(CMK_HS256, SECRET));
    cmk::Verifier verifier(keys, cmk_policy_strict());
    const auto signer = cmk::Signer::of_secret(CMK_HS256, SECRET);
    cmk_mint mint = cmk_mint_for(cmk::bytes("u"), NOW + 60);
    mint.typ = cmk::bytes("statuslist+jwt");
    mint.issuer = cmk::bytes("i");
    mint.issued_at = NOW;
    // draft-ietf-oauth-status-list 4.1: sixteen statuses of one bit.
    mint.claims = cmk::bytes(R"({"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"}})");
    std::array<unsigned char, 1024> scratch;
    std::array<char, 1024> buffer;
    std::string_view token;
    CHECK(signer.issue(mint, scratch, buffer, token));
    const auto verdict = verifier.verify(cmk_request_at(cmk::bytes(token), NOW), scratch);
    CHECK(verdict);
    cmk_status_source source{};
    source.uri = cmk::bytes("u");
    source.issuer = cmk::bytes("i");
    std::array<unsigned char, 2> memory;
    const cmk::StatusList list(*verdict.claims, source, memory.data(), memory.size(), NOW);
    CHECK(list.status() && list.at(0) == 1u && list.at(1) == 0u && list.at(15) == 1u && !list.at(16));
    CHECK(verifier.use_status_lists(list.get(), 1));
    const cmk::StatusList none(*verdict.claims, source, memory.data(), 1, NOW);
    CHECK(none.status().code() == CMK_STATUS_LIST_TOO_LARGE && !none.at(0));
    return 0;
}

static int login() {
    std::array<char, 128> buffer;
    CHECK(cmk::login_challenge(cmk::Status(CMK_STEP_UP), buffer, cmk::none(), cmk::bytes("gold"), 60) ==
          R"(Bearer error="insufficient_user_authentication", acr_values="gold", max_age="60")");
    CHECK(cmk::login_challenge(cmk::Status(CMK_OK), buffer, cmk::none(), cmk::none()).empty());
    return 0;
}

int main() {
    const int failed = minted_here_and_read_here() + what_fails_says_so() + possession() + accepted_once() + revoked() +
                       not_too_often() + risk_and_session() + nested() + listed() + login();
    std::puts(failed == 0 ? "10 passed, 0 failed" : "failed");
    return failed;
}
