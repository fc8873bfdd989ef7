/* The table of revocations. */
#ifndef EXERCISE_REVOCATIONS_H
#define EXERCISE_REVOCATIONS_H
#include "check.h"

static void revocations(void) {
    const size_t bytes = CMK_REVOCATION_REGION_BYTES(4); /* 32 places, at least */
    void *region = room(bytes);
    cmk_revocation *view = (cmk_revocation *)room(sizeof *view), *other = (cmk_revocation *)room(sizeof *other);
    cmk_revocation_counts counts;
    cmk_revocable token;
    cmk_verifier empty;
    cmk_bytes key = tight("sixteen bytes or more"), issuer = tight("https://login.example"), id = tight("t1");
    cmk_bytes snapshot = tight("CMKREVO1 is not all of it, by far: no digest is behind it");
    char names[100][16];
    int number, taken = 0, lost = 0;
    memset(&empty, 0, sizeof empty);
    memset(&token, 0, sizeof token);

    CHECK(cmk_revocation_bytes() == sizeof(cmk_revocation) && cmk_revocation_region_bytes(4) == bytes);
    GIVES(cmk_revocation_init(view, region, bytes, cmk_bytes_of(secret, 15), 3600, 0), CMK_PEPPER_TOO_SHORT);
    CHECK(is_zero(view, sizeof *view));
    GIVES(cmk_revoke_token(view, issuer, id, NOW + 60, NOW), CMK_NOT_INITIALIZED);
    GIVES(cmk_revocation_init(view, region, 319, key, 3600, 0), CMK_REGION_TOO_SMALL);
    GIVES(cmk_revocation_init(view, (uint8_t *)region + 4, bytes - 8, key, 3600, 0), CMK_MISALIGNED);
    GIVES(cmk_revocation_init(view, NULL, bytes, key, 3600, 0), CMK_NULL_POINTER);
    GIVES(cmk_revocation_init(NULL, region, bytes, key, 3600, 0), CMK_NULL_POINTER);
    GIVES(cmk_revocation_init(view, region, bytes, cmk_bytes_of(region, 16), 3600, 0), CMK_OVERLAP);
    GIVES(cmk_revocation_init(view, region, bytes, key, 0, 0), CMK_ARGUMENT);
    GIVES(cmk_revocation_init(view, region, bytes, key, 3600, 2), CMK_ARGUMENT);
    GIVES(cmk_verifier_use_revocation(&empty, view), CMK_NOT_INITIALIZED);
    GIVES(cmk_revocation_init(view, region, bytes, key, 3600, 0), CMK_OK);

    token.issuer = issuer;
    token.token_id = id;
    token.issued_at = NOW;
    GIVES(cmk_revocation_check(view, &token, NOW), CMK_OK);
    GIVES(cmk_revoke_token(view, issuer, id, NOW + 60, NOW), CMK_OK);
    GIVES(cmk_revocation_check(view, &token, NOW), CMK_REVOKED);
    GIVES(cmk_revocation_check(view, &token, NOW + 60), CMK_OK);
    token.subject = id;
    GIVES(cmk_revoke_subject(view, issuer, id, NOW, NOW), CMK_OK);
    GIVES(cmk_revocation_check(view, &token, NOW + 60), CMK_OK);
    token.flags = CMK_REVOCABLE_NO_ISSUED_AT;
    GIVES(cmk_revocation_check(view, &token, NOW + 60), CMK_REVOKED);
    token.subject = none;
    token.key_id = id;
    GIVES(cmk_revocation_check(view, &token, NOW + 60), CMK_OK);
    GIVES(cmk_revoke_key(view, none, id, INT64_MAX, NOW), CMK_OK);
    GIVES(cmk_revocation_check(view, &token, NOW + 60), CMK_REVOKED);
    token.flags = 2;
    GIVES(cmk_revocation_check(view, &token, NOW), CMK_ARGUMENT);
    GIVES(cmk_revocation_check(view, (const cmk_revocable *)region, NOW), CMK_OVERLAP);
    GIVES(cmk_revocation_check(view, NULL, NOW), CMK_NULL_POINTER);
    GIVES(cmk_revocation_check(NULL, &token, NOW), CMK_NULL_POINTER);
    GIVES(cmk_revoke_token(view, cmk_bytes_of(region, 4), id, NOW + 60, NOW), CMK_OVERLAP);
    GIVES(cmk_revoke_subject(view, issuer, cmk_bytes_of("\xff", 1), NOW, NOW), CMK_ARGUMENT);
    GIVES(cmk_revoke_key(NULL, issuer, id, NOW, NOW), CMK_NULL_POINTER);
    GIVES(cmk_revocation_load(view, snapshot, NOW), CMK_SNAPSHOT_MALFORMED);
    GIVES(cmk_revocation_load(view, cmk_bytes_of(region, 64), NOW), CMK_OVERLAP);
    GIVES(cmk_verifier_use_revocation(&empty, view), CMK_NOT_INITIALIZED);
    GIVES(cmk_verifier_use_revocation(NULL, view), CMK_NULL_POINTER);
    GIVES(cmk_verifier_use_revocation((cmk_verifier *)view, view), CMK_OVERLAP);

    if (cmk_table_shareable()) {
        GIVES(cmk_revocation_attach(other, region, bytes, key, 3601, 0), CMK_TABLE_MISMATCH);
        CHECK(is_zero(other, sizeof *other));
        GIVES(cmk_revocation_attach(other, region, bytes, key, 3600, CMK_REVOCATION_OPEN), CMK_OK);
        token.flags = 0;
        GIVES(cmk_revocation_check(other, &token, NOW), CMK_REVOKED);
    } else {
        GIVES(cmk_revocation_attach(other, region, bytes, key, 3600, 0), CMK_NOT_SUPPORTED);
    }

    for (number = 0; number < 100; number++) {
        int32_t status;
        (void)snprintf(names[number], sizeof names[number], "n%d", number);
        status = cmk_revoke_token(view, issuer, cmk_text(names[number]), NOW + 60, NOW);
        CHECK(status == CMK_OK || status == CMK_REVOCATION_FULL);
        taken += status == CMK_OK;
        lost = status == CMK_OK ? lost : number;
    }
    GIVES(cmk_revocation_statistics(view, NOW, &counts), CMK_OK);
    CHECK(counts.places == (bytes - 64) / 152 * 16 && counts.live == (uint64_t)taken + 3 && counts.expired == 0);
    CHECK(counts.full == 100 - (uint64_t)taken && counts.marked > 0 && counts.marked <= counts.places / 16);
    memset(&token, 0, sizeof token);
    token.issuer = issuer;
    token.token_id = cmk_text(names[lost]);
    GIVES(cmk_revocation_check(view, &token, NOW), CMK_REVOCATION_UNKNOWN);
    token.issued_at = NOW + 16;
    GIVES(cmk_revocation_check(view, &token, NOW), CMK_OK);
    GIVES(cmk_revocation_statistics(view, NOW, NULL), CMK_NULL_POINTER);
    GIVES(cmk_revocation_statistics(view, NOW, (cmk_revocation_counts *)region), CMK_OVERLAP);
    GIVES(cmk_revocation_statistics(NULL, NOW, &counts), CMK_NULL_POINTER);
    CHECK(is_zero(&counts, sizeof counts));

    GIVES(cmk_revocation_wipe(view), CMK_OK);
    CHECK(is_zero(view, sizeof *view) && !is_zero(region, bytes));
    GIVES(cmk_revocation_check(view, &token, NOW), CMK_NOT_INITIALIZED);
    GIVES(cmk_revocation_wipe(NULL), CMK_NULL_POINTER);
    cmk_revocation_wipe(other);
    drop(key);
    drop(issuer);
    drop(id);
    drop(snapshot);
    free(view);
    free(other);
    free(region);
}

#endif
