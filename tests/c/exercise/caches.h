/* The cache of verified tokens. */
#ifndef EXERCISE_CACHES_H
#define EXERCISE_CACHES_H
#include "statuses.h"

static void caches(void) {
    const size_t bytes = CMK_CACHE_REGION_BYTES(8);
    void *region = room(bytes), *set = room(CMK_KEYS_BYTES(1, 0));
    uint8_t *scratch = (uint8_t *)room(2048);
    cmk_cache *cache = (cmk_cache *)room(sizeof *cache), *other = (cmk_cache *)room(sizeof *other);
    cmk_cache_counts counts;
    cmk_policy policy = cmk_policy_strict();
    cmk_verifier verifier, empty;
    cmk_signer signer;
    cmk_claims claims;
    cmk_keys keys;
    cmk_bytes key = tight("sixteen bytes or more");

    memset(&empty, 0, sizeof empty);
    GIVES(cmk_keys_init(&keys, set, CMK_KEYS_BYTES(1, 0), none), CMK_OK);
    GIVES(cmk_keys_add_secret(&keys, CMK_HS256, none, cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_signer_of_secret(&signer, CMK_HS256, none, cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_verifier_init(&verifier, &keys, 1, &policy), CMK_OK);

    CHECK(cmk_cache_bytes() == sizeof(cmk_cache) && cmk_cache_region_bytes(8) == bytes);
    GIVES(cmk_cache_init(cache, region, bytes, cmk_bytes_of(secret, 15)), CMK_PEPPER_TOO_SHORT);
    CHECK(is_zero(cache, sizeof *cache));
    GIVES(cmk_verifier_use_cache(&verifier, cache), CMK_NOT_INITIALIZED);
    GIVES(cmk_cache_init(cache, region, 127, key), CMK_REGION_TOO_SMALL);
    GIVES(cmk_cache_init(cache, (uint8_t *)region + 4, bytes - 8, key), CMK_MISALIGNED);
    GIVES(cmk_cache_init(cache, NULL, bytes, key), CMK_NULL_POINTER);
    GIVES(cmk_cache_init(NULL, region, bytes, key), CMK_NULL_POINTER);
    GIVES(cmk_cache_init(cache, region, bytes, cmk_bytes_of(region, 16)), CMK_OVERLAP);
    GIVES(cmk_cache_init(cache, region, bytes, key), CMK_OK);
    GIVES(cmk_verifier_use_cache(&empty, cache), CMK_NOT_INITIALIZED);
    GIVES(cmk_verifier_use_cache(NULL, cache), CMK_NULL_POINTER);
    GIVES(cmk_verifier_use_cache(&verifier, NULL), CMK_NULL_POINTER);
    GIVES(cmk_verifier_use_cache((cmk_verifier *)cache, cache), CMK_OVERLAP);
    GIVES(cmk_verifier_use_cache(&verifier, cache), CMK_OK);

    GIVES(judged(&verifier, &signer, "JWT", "{}", scratch, &claims), CMK_OK);
    GIVES(judged(&verifier, &signer, "JWT", "{}", scratch, &claims), CMK_OK);
    GIVES(cmk_cache_statistics(cache, &counts), CMK_OK);
    CHECK(counts.kept == 1 && counts.taken == 1 && counts.places == (bytes - 64) / 16);
    GIVES(cmk_cache_statistics(cache, NULL), CMK_NULL_POINTER);
    GIVES(cmk_cache_statistics(cache, (cmk_cache_counts *)region), CMK_OVERLAP);
    GIVES(cmk_cache_statistics(NULL, &counts), CMK_NULL_POINTER);
    CHECK(is_zero(&counts, sizeof counts));

    if (cmk_table_shareable()) {
        GIVES(cmk_cache_attach(other, region, bytes, cmk_bytes_of(secret, 16)), CMK_TABLE_MISMATCH);
        GIVES(cmk_cache_attach(other, region, bytes, key), CMK_OK);
    } else {
        GIVES(cmk_cache_attach(other, region, bytes, key), CMK_NOT_SUPPORTED);
    }
    GIVES(cmk_cache_wipe(cache), CMK_OK);
    CHECK(is_zero(cache, sizeof *cache) && !is_zero(region, bytes));
    GIVES(judged(&verifier, &signer, "JWT", "{}", scratch, &claims), CMK_NOT_INITIALIZED);
    GIVES(cmk_cache_wipe(NULL), CMK_NULL_POINTER);
    cmk_cache_wipe(other);
    cmk_signer_wipe(&signer);
    cmk_verifier_wipe(&verifier);
    drop(key);
    free(cache), free(other), free(scratch), free(set), free(region);
}

#endif
