/* Revocation, throttle and cache: the tables' secret is secret. */
#ifndef TABLES_H
#define TABLES_H

#include "fixture.h"
#include "standing.h"

static cmk_cache cache;
static uint64_t cache_region[CMK_CACHE_REGION_BYTES(64) / 8];

static void revocation_init(void) { revocation_start(hidden_value(0)); }
static void throttle_init(void) { throttle_start(hidden_value(0)); }
static void cache_init(void) {
    expect(cmk_cache_init(&cache, cache_region, sizeof cache_region, hidden_value(0)), CMK_OK, "cmk_cache_init");
}

static void revocation_check(void) {
    quietly(revocation_init);
    expect(revocation_ask(cmk_text("a token's id")), CMK_OK, "cmk_revocation_check");
}

static void throttle_admit(void) {
    quietly(throttle_init);
    expect(throttle_ask(cmk_text("a client")), CMK_OK, "cmk_throttle_admit");
}

#endif
