/* Envelopes: made, opened, nested in both orders; bad calls first. */
#ifndef EXERCISE_ENVELOPES_H
#define EXERCISE_ENVELOPES_H
#include "check.h"

#define ENVELOPE_ROOM 2048

static const char wrapping_jwk[] =
    "{\"kty\":\"oct\",\"kid\":\"enc-1\",\"alg\":\"A256KW\",\"k\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"}";

/* One nested shape, minted and verified: the layers say who signed and how it was opened. */
static void nested(int32_t shape, const cmk_sealer *sealer, const cmk_keys *set, cmk_bytes random) {
    uint8_t *scratch = (uint8_t *)room(ENVELOPE_ROOM), *buffer = (uint8_t *)room(ENVELOPE_ROOM);
    cmk_signer *signer = (cmk_signer *)room(sizeof *signer);
    cmk_verifier *verifier = (cmk_verifier *)room(sizeof *verifier);
    cmk_claims *claims = (cmk_claims *)room(sizeof *claims);
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    cmk_policy policy = cmk_policy_strict();
    cmk_report report;
    cmk_layers layers;
    cmk_request request;
    cmk_bytes token;
    size_t need = 0;
    GIVES(cmk_signer_of_secret(signer, CMK_HS256, cmk_text("sig-1"), cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_issue_nested(signer, &mint, CMK_SIGNED, sealer, random, scratch, ENVELOPE_ROOM, buffer, ENVELOPE_ROOM, &token),
          CMK_ARGUMENT);
    CHECK(is_zero(&token, sizeof token));
    GIVES(cmk_issue_nested(signer, &mint, shape, NULL, random, scratch, ENVELOPE_ROOM, buffer, ENVELOPE_ROOM, &token),
          CMK_NULL_POINTER);
    GIVES(cmk_issue_nested(signer, &mint, shape, sealer, none, scratch, ENVELOPE_ROOM, buffer, ENVELOPE_ROOM, &token),
          CMK_ARGUMENT);
    GIVES(cmk_issue_nested(signer, &mint, shape, sealer, random, scratch, 100, buffer, ENVELOPE_ROOM, &token),
          CMK_SCRATCH_TOO_SMALL);
    GIVES(cmk_issue_nested(signer, &mint, shape, sealer, random, scratch, ENVELOPE_ROOM, buffer, 100, &token),
          CMK_BUFFER_TOO_SMALL);
    GIVES(cmk_issue_nested(signer, &mint, shape, sealer, random, scratch, ENVELOPE_ROOM, buffer, ENVELOPE_ROOM, &token), CMK_OK);

    policy.shape = 3;
    GIVES(cmk_verifier_init(verifier, set, 1, &policy), CMK_ARGUMENT);
    policy.shape = shape;
    GIVES(cmk_verifier_init(verifier, set, 1, &policy), CMK_OK);
    GIVES(cmk_scratch_bytes(verifier, token.len, &need), CMK_OK);
    CHECK(need <= CMK_NESTED_SCRATCH_BYTES(token.len) && need <= ENVELOPE_ROOM);
    request = cmk_request_at(token, NOW);
    GIVES(cmk_verify(verifier, &request, scratch, need - 1, claims, &report), CMK_SCRATCH_TOO_SMALL);
    GIVES(cmk_claims_layers(claims, &layers), CMK_NOT_INITIALIZED);
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_OK);
    GIVES(cmk_claims_layers(claims, NULL), CMK_NULL_POINTER);
    GIVES(cmk_claims_layers(NULL, &layers), CMK_NULL_POINTER);
    GIVES(cmk_claims_layers(claims, &layers), CMK_OK);
    CHECK(layers.alg == CMK_HS256 && layers.management == CMK_A256KW && layers.enc == CMK_A128CBC_HS256);
    CHECK(layers.signed_kid.len == 5 && memcmp(layers.signed_kid.ptr, "sig-1", 5) == 0);
    CHECK(layers.encrypted_kid.len == 5 && memcmp(layers.encrypted_kid.ptr, "enc-1", 5) == 0);
    GIVES(cmk_verifier_wipe(verifier), CMK_OK);
    GIVES(cmk_signer_wipe(signer), CMK_OK);
    free(scratch), free(buffer), free(signer), free(verifier), free(claims);
}

static void envelopes(void) {
    uint64_t *region = (uint64_t *)room(CMK_KEYS_BYTES_SMALL(3, 0));
    uint8_t *scratch = (uint8_t *)room(ENVELOPE_ROOM), *buffer = (uint8_t *)room(ENVELOPE_ROOM);
    uint8_t *bytes = (uint8_t *)room(CMK_SEAL_RANDOM_BYTES);
    cmk_sealer *sealer = (cmk_sealer *)room(sizeof *sealer);
    cmk_bytes random = cmk_bytes_of(bytes, CMK_SEAL_RANDOM_BYTES), made, opened, jwk = tight(wrapping_jwk);
    cmk_keys set;
    size_t at;
    GIVES(cmk_keys_init(&set, region, CMK_KEYS_BYTES_SMALL(3, 0), none), CMK_OK);
    GIVES(cmk_keys_add_secret(&set, CMK_A256KW, cmk_text("enc-1"), cmk_bytes_of(secret, 31)), CMK_KEY_SECRET_LENGTH);
    GIVES(cmk_keys_add_jwk(&set, jwk, NULL, 0), CMK_OK);
    GIVES(cmk_keys_add_secret(&set, CMK_A256KW, cmk_text("enc-1"), cmk_bytes_of(secret, 32)), CMK_KEY_ID_DUPLICATE);
    GIVES(cmk_keys_add_secret(&set, CMK_HS256, cmk_text("sig-1"), cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_keys_add_secret(&set, CMK_DIR_A256GCM, none, cmk_bytes_of(secret, 32)), CMK_OK);
    CHECK(cmk_key_bytes(CMK_A256KW, 0) > 0 && cmk_key_bytes(CMK_DIR_A256CBC_HS512, 0) <= CMK_KEY_BYTES_SMALL);

    GIVES(cmk_sealer_of_key(NULL, CMK_A256KW, CMK_A256GCM, none, cmk_bytes_of(secret, 32)), CMK_NULL_POINTER);
    GIVES(cmk_sealer_of_key(sealer, CMK_HS256, CMK_A256GCM, none, cmk_bytes_of(secret, 32)), CMK_NOT_SUPPORTED);
    GIVES(cmk_sealer_of_key(sealer, CMK_A256KW, 7, none, cmk_bytes_of(secret, 32)), CMK_NOT_SUPPORTED);
    GIVES(cmk_sealer_of_key(sealer, CMK_DIR_A256GCM, CMK_A128GCM, none, cmk_bytes_of(secret, 32)), CMK_KEY_ALGORITHM_MISMATCH);
    CHECK(is_zero(sealer, sizeof *sealer));
    GIVES(cmk_seal(sealer, jwk, random, scratch, ENVELOPE_ROOM, buffer, ENVELOPE_ROOM, &made), CMK_NOT_INITIALIZED);
    GIVES(cmk_sealer_of_key(sealer, CMK_DIR_A256GCM, CMK_A256GCM, none, cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_seal(sealer, jwk, random, scratch, ENVELOPE_ROOM, scratch, ENVELOPE_ROOM, &made), CMK_OVERLAP);
    GIVES(cmk_seal(sealer, jwk, none, scratch, ENVELOPE_ROOM, buffer, ENVELOPE_ROOM, &made), CMK_ARGUMENT);
    for (at = 0; at < 300; at += 7) {
        uint8_t *less = (uint8_t *)room(at);
        int32_t status = cmk_seal(sealer, jwk, random, less, at, buffer, ENVELOPE_ROOM, &made);
        CHECK(status == CMK_OK || (status == CMK_SCRATCH_TOO_SMALL && is_zero(&made, sizeof made)));
        status = cmk_seal(sealer, jwk, random, scratch, ENVELOPE_ROOM, less, at, &made);
        CHECK(status == CMK_OK || (status == CMK_BUFFER_TOO_SMALL && is_zero(&made, sizeof made)));
        free(less);
    }
    GIVES(cmk_seal(sealer, jwk, random, scratch, ENVELOPE_ROOM, buffer, ENVELOPE_ROOM, &made), CMK_OK);
    memset(scratch, 0, ENVELOPE_ROOM);
    GIVES(cmk_envelope_open(&set, 1, made, scratch, CMK_SCRATCH_BYTES(made.len), NULL), CMK_NULL_POINTER);
    CHECK(is_zero(scratch, ENVELOPE_ROOM));
    GIVES(cmk_envelope_open(&set, 1, made, buffer, ENVELOPE_ROOM, &opened), CMK_OVERLAP);
    GIVES(cmk_envelope_open(&set, 0, made, scratch, CMK_SCRATCH_BYTES(made.len), &opened), CMK_NO_KEY);
    GIVES(cmk_envelope_open(&set, 1, made, scratch, CMK_SCRATCH_BYTES(made.len), &opened), CMK_OK);
    CHECK(opened.len == jwk.len && memcmp(opened.ptr, jwk.ptr, jwk.len) == 0);
    buffer[made.len - 1] = buffer[made.len - 1] == 'A' ? 'Q' : 'A';
    GIVES(cmk_envelope_open(&set, 1, made, scratch, CMK_SCRATCH_BYTES(made.len), &opened), CMK_DECRYPTION);
    CHECK(is_zero(&opened, sizeof opened));
    GIVES(cmk_sealer_wipe(sealer), CMK_OK);
    CHECK(is_zero(sealer, sizeof *sealer));
    GIVES(cmk_sealer_wipe(NULL), CMK_NULL_POINTER);

    GIVES(cmk_sealer_of_jwk(sealer, none, CMK_A256GCM), CMK_KEY_MALFORMED);
    GIVES(cmk_sealer_of_jwk(sealer, jwk, CMK_A128CBC_HS256), CMK_OK);
    nested(CMK_SIGNED_THEN_ENCRYPTED, sealer, &set, random);
    nested(CMK_ENCRYPTED_THEN_SIGNED, sealer, &set, random);
    GIVES(cmk_keys_wipe(&set), CMK_OK);
    drop(jwk);
    free(region), free(scratch), free(buffer), free(bytes), free(sealer);
}

#endif
