/* How often clients may ask. */
#ifndef EXERCISE_THROTTLES_H
#define EXERCISE_THROTTLES_H
#include "check.h"

#define NOW_MS (NOW * INT64_C(1000))

static void throttles(void) {
    const size_t bytes = CMK_THROTTLE_REGION_BYTES(4); /* 48 places */
    void *region = room(bytes);
    cmk_throttle *throttle = (cmk_throttle *)room(sizeof *throttle), *other = (cmk_throttle *)room(sizeof *other);
    cmk_throttle_counts counts;
    cmk_bytes key = tight("sixteen bytes or more"), route = tight("POST /login"), name = tight("alice");
    cmk_bytes address = tight("192.0.2.1");
    cmk_charge one = cmk_charge_of_address(route, address, 6, 60, 2), two = cmk_charge_of_name(route, name, 1, 60, 1);
    cmk_charge both[CMK_CHARGES_MAX + 1], wrong;
    uint32_t retry_after = 7;
    int number, taken = 0;

    CHECK(cmk_throttle_bytes() == sizeof(cmk_throttle) && cmk_throttle_region_bytes(4) == bytes);
    GIVES(cmk_throttle_init(throttle, region, bytes, cmk_bytes_of(secret, 15), 0), CMK_PEPPER_TOO_SHORT);
    CHECK(is_zero(throttle, sizeof *throttle));
    GIVES(cmk_throttle_admit(throttle, &one, 1, NOW_MS, &retry_after), CMK_NOT_INITIALIZED);
    CHECK(retry_after == 0);
    GIVES(cmk_throttle_init(throttle, region, 191, key, 0), CMK_REGION_TOO_SMALL);
    GIVES(cmk_throttle_init(throttle, (uint8_t *)region + 4, bytes - 8, key, 0), CMK_MISALIGNED);
    GIVES(cmk_throttle_init(throttle, NULL, bytes, key, 0), CMK_NULL_POINTER);
    GIVES(cmk_throttle_init(NULL, region, bytes, key, 0), CMK_NULL_POINTER);
    GIVES(cmk_throttle_init(throttle, region, bytes, key, 2), CMK_ARGUMENT);
    GIVES(cmk_throttle_init(throttle, region, bytes, cmk_bytes_of(region, 16), 0), CMK_OVERLAP);
    GIVES(cmk_throttle_init(throttle, region, bytes, key, 0), CMK_OK);

    both[0] = one, both[1] = two;
    GIVES(cmk_throttle_admit(throttle, both, 2, NOW_MS, &retry_after), CMK_OK);
    CHECK(retry_after == 0);
    GIVES(cmk_throttle_admit(throttle, both, 2, NOW_MS, &retry_after), CMK_RATE_LIMITED);
    CHECK(retry_after >= 56 && retry_after <= 64);
    GIVES(cmk_throttle_admit(throttle, &one, 1, NOW_MS, &retry_after), CMK_OK);
    GIVES(cmk_throttle_admit(throttle, &one, 1, NOW_MS, &retry_after), CMK_RATE_LIMITED);
    CHECK(retry_after >= 9 && retry_after <= 11);
    GIVES(cmk_throttle_admit(throttle, &one, 1, NOW_MS + 1000 * (int64_t)retry_after, &retry_after), CMK_OK);
    GIVES(cmk_throttle_admit(throttle, NULL, 0, NOW_MS, &retry_after), CMK_OK);

    for (number = 0; number <= CMK_CHARGES_MAX; number++) {
        both[number] = cmk_charge_of_name(name, name, 1, 1, 9);
    }
    GIVES(cmk_throttle_admit(throttle, both, CMK_CHARGES_MAX + 1, NOW_MS, &retry_after), CMK_TOO_MANY_ITEMS);
    GIVES(cmk_throttle_admit(throttle, both, CMK_CHARGES_MAX, NOW_MS, &retry_after), CMK_OK);
    wrong = one, wrong.requests = 0;
    GIVES(cmk_throttle_admit(throttle, &wrong, 1, NOW_MS, &retry_after), CMK_LIMIT_RANGE);
    wrong = one, wrong.is_name = 2;
    GIVES(cmk_throttle_admit(throttle, &wrong, 1, NOW_MS, &retry_after), CMK_ARGUMENT);
    wrong = one, wrong.client = name;
    GIVES(cmk_throttle_admit(throttle, &wrong, 1, NOW_MS, &retry_after), CMK_ADDRESS_MALFORMED);
    wrong = one, wrong.client = cmk_bytes_of(region, 4);
    GIVES(cmk_throttle_admit(throttle, &wrong, 1, NOW_MS, &retry_after), CMK_OVERLAP);
    wrong = one, wrong.scope = cmk_bytes_of(NULL, 4);
    GIVES(cmk_throttle_admit(throttle, &wrong, 1, NOW_MS, &retry_after), CMK_NULL_POINTER);
    CHECK(retry_after == 0);
    GIVES(cmk_throttle_admit(throttle, NULL, 1, NOW_MS, &retry_after), CMK_NULL_POINTER);
    GIVES(cmk_throttle_admit(throttle, &two, 1, NOW_MS, NULL), CMK_NULL_POINTER);
    GIVES(cmk_throttle_admit(throttle, &two, 1, NOW_MS, (uint32_t *)region), CMK_OVERLAP);
    GIVES(cmk_throttle_admit(throttle, &two, 1, NOW_MS, &two.burst), CMK_OVERLAP);
    GIVES(cmk_throttle_admit(NULL, &two, 1, NOW_MS, &retry_after), CMK_NULL_POINTER);

    if (cmk_table_shareable()) {
        GIVES(cmk_throttle_attach(other, region, bytes, none, 0), CMK_PEPPER_TOO_SHORT);
        GIVES(cmk_throttle_attach(other, region, bytes, cmk_bytes_of(secret, 16), 0), CMK_TABLE_MISMATCH);
        GIVES(cmk_throttle_attach(other, region, bytes - 8, key, 0), CMK_TABLE_MISMATCH);
        CHECK(is_zero(other, sizeof *other));
        GIVES(cmk_throttle_attach(other, region, bytes, key, 1), CMK_OK);
        GIVES(cmk_throttle_admit(other, &two, 1, NOW_MS, &retry_after), CMK_RATE_LIMITED);
    } else {
        GIVES(cmk_throttle_attach(other, region, bytes, key, 1), CMK_NOT_SUPPORTED);
    }

    for (number = 0; number < 200; number++) {
        cmk_charge next = cmk_charge_of_name(route, cmk_bytes_of(&number, sizeof number), 1, 60, 1);
        int32_t status = cmk_throttle_admit(throttle, &next, 1, NOW_MS, &retry_after);
        CHECK(status == CMK_OK || (status == CMK_THROTTLE_FULL && retry_after == 0));
        taken += status == CMK_OK;
        if (status != CMK_OK && cmk_table_shareable()) {
            GIVES(cmk_throttle_admit(other, &next, 1, NOW_MS, &retry_after), CMK_OK);
        }
    }
    GIVES(cmk_throttle_statistics(throttle, NOW_MS, &counts), CMK_OK);
    CHECK(counts.places == (bytes - 64) / 8 && counts.live == (uint64_t)taken + 3 && counts.expired == 0);
    CHECK(counts.full == (200 - (uint64_t)taken) * (cmk_table_shareable() ? 2 : 1) && counts.refused >= 2);
    GIVES(cmk_throttle_statistics(throttle, NOW_MS + 90000, &counts), CMK_OK);
    CHECK(counts.live == 0 && counts.expired == (uint64_t)taken + 3);
    GIVES(cmk_throttle_statistics(throttle, NOW_MS, NULL), CMK_NULL_POINTER);
    GIVES(cmk_throttle_statistics(throttle, NOW_MS, (cmk_throttle_counts *)region), CMK_OVERLAP);
    GIVES(cmk_throttle_statistics(NULL, NOW_MS, &counts), CMK_NULL_POINTER);
    CHECK(is_zero(&counts, sizeof counts));

    GIVES(cmk_throttle_wipe(throttle), CMK_OK);
    CHECK(is_zero(throttle, sizeof *throttle) && !is_zero(region, bytes));
    GIVES(cmk_throttle_admit(throttle, &one, 1, NOW_MS, &retry_after), CMK_NOT_INITIALIZED);
    GIVES(cmk_throttle_wipe(NULL), CMK_NULL_POINTER);
    cmk_throttle_wipe(other);
    drop(key);
    drop(route);
    drop(name);
    drop(address);
    free(throttle);
    free(other);
    free(region);
}

#endif
