/* Tables that are asked about somebody: in a table that knows nobody, every place that is looked at is free. */
#ifndef STANDING_H
#define STANDING_H

#include "secret.h"
#include "countermark.h"

#define ASKED_AT 1900000000

static cmk_revocation revocation;
static uint64_t revocation_region[CMK_REVOCATION_REGION_BYTES(64) / 8];
static cmk_throttle throttle;
static uint64_t throttle_region[CMK_THROTTLE_REGION_BYTES(64) / 8];

static inline void revocation_start(cmk_bytes table_secret) {
    expect(cmk_revocation_init(&revocation, revocation_region, sizeof revocation_region, table_secret, 3600, 0), CMK_OK,
           "cmk_revocation_init");
}

static inline void throttle_start(cmk_bytes table_secret) {
    expect(cmk_throttle_init(&throttle, throttle_region, sizeof throttle_region, table_secret, 0), CMK_OK, "cmk_throttle_init");
}

static inline int32_t revocation_ask(cmk_bytes token_id) {
    cmk_revocable asked;
    memset(&asked, 0, sizeof asked);
    asked.token_id = token_id;
    asked.flags = CMK_REVOCABLE_NO_ISSUED_AT;
    return cmk_revocation_check(&revocation, &asked, ASKED_AT);
}

static inline int32_t throttle_ask(cmk_bytes name) {
    cmk_charge charge = cmk_charge_of_name(cmk_text("route"), name, 1, 1, 4);
    uint32_t retry_after;
    return cmk_throttle_admit(&throttle, &charge, 1, (int64_t)ASKED_AT * 1000, &retry_after);
}

#endif
