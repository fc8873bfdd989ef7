/* The table of uses seen. */
#ifndef EXERCISE_REPLAYS_H
#define EXERCISE_REPLAYS_H
#include "check.h"

static cmk_use use_of(int number) {
    cmk_use made;
    memset(&made, 0, sizeof made);
    memcpy(made.digest, &number, sizeof number);
    made.expires_at = NOW + 60;
    return made;
}

static void replays(void) {
    const size_t bytes = CMK_REPLAY_REGION_BYTES(4); /* 32 places, at least */
    void *region = room(bytes);
    cmk_replay *replay = (cmk_replay *)room(sizeof *replay), *other = (cmk_replay *)room(sizeof *other);
    cmk_replay_counts counts;
    cmk_bytes key = tight("sixteen bytes or more");
    cmk_use one = use_of(1), two = use_of(2);
    int number, taken = 0;

    CHECK(cmk_replay_bytes() == sizeof(cmk_replay) && cmk_replay_region_bytes(4) == bytes);
    GIVES(cmk_replay_init(replay, region, bytes, cmk_bytes_of(secret, 15)), CMK_PEPPER_TOO_SHORT);
    CHECK(is_zero(replay, sizeof *replay));
    GIVES(cmk_replay_commit(replay, &one, NOW), CMK_NOT_INITIALIZED);
    GIVES(cmk_replay_init(replay, region, 319, key), CMK_REGION_TOO_SMALL);
    GIVES(cmk_replay_init(replay, (uint8_t *)region + 4, bytes - 8, key), CMK_MISALIGNED);
    GIVES(cmk_replay_init(replay, NULL, bytes, key), CMK_NULL_POINTER);
    GIVES(cmk_replay_init(NULL, region, bytes, key), CMK_NULL_POINTER);
    GIVES(cmk_replay_init(replay, region, bytes, cmk_bytes_of(region, 16)), CMK_OVERLAP);
    GIVES(cmk_replay_init(replay, region, bytes, key), CMK_OK);

    GIVES(cmk_replay_check(replay, &one, NOW), CMK_OK);
    GIVES(cmk_replay_commit(replay, &one, NOW), CMK_OK);
    GIVES(cmk_replay_check(replay, &one, NOW), CMK_REPLAYED);
    GIVES(cmk_replay_commit(replay, &one, NOW), CMK_REPLAYED);
    GIVES(cmk_replay_commit(replay, &two, NOW + 60), CMK_REPLAYED);
    GIVES(cmk_replay_check(replay, &two, NOW + 59), CMK_OK);
    GIVES(cmk_replay_check(replay, (const cmk_use *)region, NOW), CMK_OVERLAP);
    GIVES(cmk_replay_check(replay, NULL, NOW), CMK_NULL_POINTER);
    GIVES(cmk_replay_commit(NULL, &one, NOW), CMK_NULL_POINTER);

    if (cmk_table_shareable()) {
        GIVES(cmk_replay_attach(other, region, bytes, none), CMK_PEPPER_TOO_SHORT);
        GIVES(cmk_replay_attach(other, region, bytes, cmk_bytes_of(secret, 16)), CMK_TABLE_MISMATCH);
        GIVES(cmk_replay_attach(other, region, bytes - 8, key), CMK_TABLE_MISMATCH);
        CHECK(is_zero(other, sizeof *other));
        GIVES(cmk_replay_attach(other, region, bytes, key), CMK_OK);
        GIVES(cmk_replay_check(other, &one, NOW), CMK_REPLAYED);
    } else {
        GIVES(cmk_replay_attach(other, region, bytes, key), CMK_NOT_SUPPORTED);
    }

    for (number = 2; number < 100; number++) {
        cmk_use next = use_of(number);
        int32_t status = cmk_replay_commit(replay, &next, NOW);
        CHECK(status == CMK_OK || status == CMK_REPLAY_FULL);
        taken += status == CMK_OK;
    }
    GIVES(cmk_replay_statistics(replay, NOW, &counts), CMK_OK);
    CHECK(counts.places == (bytes - 64) / 8 && counts.live == (uint64_t)taken + 1 && counts.expired == 0);
    CHECK(counts.full == 98 - (uint64_t)taken && counts.replayed == 1 && counts.live <= counts.places);
    GIVES(cmk_replay_statistics(replay, NOW + 92, &counts), CMK_OK);
    CHECK(counts.live == 0 && counts.expired == (uint64_t)taken + 1);
    GIVES(cmk_replay_statistics(replay, NOW, NULL), CMK_NULL_POINTER);
    GIVES(cmk_replay_statistics(replay, NOW, (cmk_replay_counts *)region), CMK_OVERLAP);
    GIVES(cmk_replay_statistics(NULL, NOW, &counts), CMK_NULL_POINTER);
    CHECK(is_zero(&counts, sizeof counts));

    GIVES(cmk_replay_wipe(replay), CMK_OK);
    CHECK(is_zero(replay, sizeof *replay) && !is_zero(region, bytes));
    GIVES(cmk_replay_check(replay, &one, NOW), CMK_NOT_INITIALIZED);
    GIVES(cmk_replay_wipe(NULL), CMK_NULL_POINTER);
    cmk_replay_wipe(other);
    drop(key);
    free(replay);
    free(other);
    free(region);
}

#endif
