/* The cases of library.c for what a token is bound to, nonces, channels and the table of uses seen. */
#ifndef POSSESSION_H
#define POSSESSION_H

#include "bound.h"

static bound held;
static asked held_answer;
static uint8_t hidden_bytes[VALUE_LEN];

/* The first 32 bytes of secret_text, one bit of the last changed where asked. */
static cmk_bytes hidden_value(int spoil) {
    memcpy(hidden_bytes, secret_text, sizeof hidden_bytes);
    hidden_bytes[sizeof hidden_bytes - 1] ^= spoil ? 1 : 0;
    secret(hidden_bytes, sizeof hidden_bytes);
    return cmk_bytes_of(hidden_bytes, sizeof hidden_bytes);
}

/* -- cmk_verify: the certificate's digest, or the channel's value, is secret ---- */

static void verify_held(uint32_t method, int spoil) {
    int32_t mismatch = bound_make(&held, method);
    held.value[sizeof held.value - 1] ^= spoil ? 1 : 0;
    secret(held.value, sizeof held.value);
    expect(bound_ask(&held, &held_answer), spoil ? mismatch : CMK_OK, "cmk_verify");
}
static void verify_certificate_accept(void) { verify_held(CMK_METHOD_CERTIFICATE, 0); }
static void verify_certificate_reject(void) { verify_held(CMK_METHOD_CERTIFICATE, 1); }
static void verify_channel_accept(void) { verify_held(CMK_METHOD_CHANNEL, 0); }
static void verify_channel_reject(void) { verify_held(CMK_METHOD_CHANNEL, 1); }
static void verify_binding_accept(void) { verify_held(CMK_METHOD_BINDING, 0); }
static void verify_binding_reject(void) { verify_held(CMK_METHOD_BINDING, 1); }

static void channel_binding(void) {
    char text[CMK_BINDING_CHARS_MAX];
    cmk_bytes made;
    expect(cmk_channel_binding(CMK_BINDING_BASE64URL, cmk_text("a.b.c"), hidden_value(0), text, sizeof text, &made), CMK_OK,
           "cmk_channel_binding");
}

/* -- The server's nonces: their secret is secret ---- */

static void dpop_nonce(void) {
    char text[CMK_NONCE_CHARS];
    cmk_bytes made;
    cmk_dpop rules = cmk_dpop_rules();
    rules.nonce_secret = hidden_value(0);
    expect(cmk_dpop_nonce(&rules, NOW, text, sizeof text, &made), CMK_OK, "cmk_dpop_nonce");
}

static void verify_nonce(int spoil, int32_t wanted) {
    bound_proof(&held, hidden_value(spoil));
    expect(bound_ask(&held, &held_answer), wanted, "cmk_verify");
}
static void verify_nonce_accept(void) { verify_nonce(0, CMK_OK); }
static void verify_nonce_reject(void) { verify_nonce(1, CMK_PROOF_NONCE); }

/* -- The table of uses seen: its secret is secret ---- */

static cmk_replay replay;
static uint64_t replay_region[CMK_REPLAY_REGION_BYTES(64) / 8];

static void replay_init(void) {
    expect(cmk_replay_init(&replay, replay_region, sizeof replay_region, hidden_value(0)), CMK_OK, "cmk_replay_init");
}

static void replay_attach(int spoil, int32_t wanted) {
    expect(cmk_replay_init(&replay, replay_region, sizeof replay_region, cmk_bytes_of(secret_text, VALUE_LEN)), CMK_OK,
           "cmk_replay_init");
    expect(cmk_replay_attach(&replay, replay_region, sizeof replay_region, hidden_value(spoil)), wanted,
           "cmk_replay_attach");
}
static void replay_attach_accept(void) { replay_attach(0, CMK_OK); }
static void replay_attach_reject(void) { replay_attach(1, CMK_TABLE_MISMATCH); }

static void replay_use(int again) {
    cmk_use presented;
    memset(&presented, 0, sizeof presented);
    presented.expires_at = NOW + 60;
    quietly(replay_init);
    if (again) {
        VALGRIND_DISABLE_ERROR_REPORTING;
        expect(cmk_replay_commit(&replay, &presented, NOW), CMK_OK, "cmk_replay_commit");
        VALGRIND_ENABLE_ERROR_REPORTING;
    }
    expect(cmk_replay_commit(&replay, &presented, NOW), again ? CMK_REPLAYED : CMK_OK, "cmk_replay_commit");
}
static void replay_commit_new(void) { replay_use(0); }
static void replay_commit_seen(void) { replay_use(1); }

#endif
