/* Visits that are odd, and sessions. */
#ifndef EXERCISE_RISKS_H
#define EXERCISE_RISKS_H
#include "check.h"

static void risks(void) {
    cmk_risk *risk = (cmk_risk *)room(sizeof *risk);
    cmk_risk_record *record = (cmk_risk_record *)room(sizeof *record), before;
    cmk_finding *finding = (cmk_finding *)room(sizeof *finding);
    cmk_bytes key = tight("sixteen bytes or more"), subject = tight("alice"), laptop = tight("laptop"), germany = tight("DE");
    cmk_bytes address = tight("192.0.2.7");
    cmk_network networks[2];
    cmk_risk_row row;
    cmk_risk_rules rules = cmk_risk_rules_default();
    cmk_visit home = cmk_visit_of(subject, laptop), away, wrong;

    memset(networks, 0, sizeof networks);
    memset(networks[0].prefix + 10, 0xff, 2);
    memcpy(networks[0].prefix + 12, "\300\000\002", 3);
    networks[0].bits = 96 + 24, networks[0].list = 1;
    networks[1] = networks[0];
    memset(record, 0, sizeof *record);
    home.country = germany;
    home.latitude = 5252, home.longitude = 1340, home.accuracy_km = 20, home.clock_minutes = 60;
    home.flags = CMK_VISIT_POSITION | CMK_VISIT_CLOCK;
    away = home, away.latitude = 135, away.longitude = 10382, away.clock_minutes = 480;

    CHECK(cmk_risk_bytes() == sizeof *risk);
    GIVES(cmk_risk_init(risk, &rules, cmk_bytes_of(secret, 15)), CMK_PEPPER_TOO_SHORT);
    CHECK(is_zero(risk, sizeof *risk));
    GIVES(cmk_risk_assess(risk, record, &home, NOW, finding), CMK_NOT_INITIALIZED);
    rules.networks = networks, rules.network_count = 2;
    GIVES(cmk_risk_init(risk, &rules, key), CMK_NETWORKS_MALFORMED);
    rules.network_count = 1, rules.changes = 0;
    GIVES(cmk_risk_init(risk, &rules, key), CMK_LIMIT_RANGE);
    rules.changes = 4;
    row.signals = CMK_NEW_DEVICE, row.action = 5;
    rules.rows = &row, rules.row_count = 1;
    GIVES(cmk_risk_init(risk, &rules, key), CMK_ARGUMENT);
    row.action = CMK_ALERT;
    GIVES(cmk_risk_init(risk, &rules, key), CMK_OK);
    GIVES(cmk_risk_observe(risk, record, &home, CMK_OK, NOW), CMK_OK);
    away.device = key;
    GIVES(cmk_risk_assess(risk, record, &away, NOW + 86400, finding), CMK_LOCKED_OUT);
    CHECK(finding->action == CMK_ALERT && finding->signals == CMK_NEW_DEVICE && finding->locked_until == NOW + 86400 + 900);
    away.device = laptop;
    rules.rows = NULL, rules.row_count = 0;
    rules.size = 3;
    GIVES(cmk_risk_init(risk, &rules, key), CMK_STRUCT_SIZE);
    rules.size = sizeof rules;
    GIVES(cmk_risk_init(risk, NULL, key), CMK_NULL_POINTER);
    GIVES(cmk_risk_init(NULL, &rules, key), CMK_NULL_POINTER);
    GIVES(cmk_risk_init(risk, &rules, key), CMK_OK);

    GIVES(cmk_risk_assess(risk, record, &home, NOW + 60, finding), CMK_OK);
    CHECK(is_zero(finding, sizeof *finding));
    GIVES(cmk_risk_assess(risk, record, &away, NOW + 60, finding), CMK_STEP_UP_RISK);
    CHECK(finding->signals == CMK_IMPOSSIBLE_TRAVEL && finding->action == CMK_ASK_MORE && finding->locked_until == 0);
    away.clock_minutes = -300, away.flags |= CMK_VISIT_DRIVEN;
    away.user_agent = cmk_text("Mozilla/5.0 (Windows NT 10.0)"), away.platform = cmk_text("\"Linux\"");
    GIVES(cmk_risk_assess(risk, record, &away, NOW + 60, finding), CMK_STEP_UP_RISK);
    CHECK(finding->signals == (CMK_IMPOSSIBLE_TRAVEL | CMK_TIME_ZONE | CMK_AUTOMATION | CMK_CONTRADICTION));
    away.address = address;
    GIVES(cmk_risk_assess(risk, record, &away, NOW + 60, finding), CMK_STEP_UP_RISK);
    CHECK(finding->signals == (CMK_LISTED_NETWORK | CMK_AUTOMATION | CMK_CONTRADICTION));
    memcpy(&before, record, sizeof before);
    wrong = home, wrong.address = laptop;
    GIVES(cmk_risk_assess(risk, record, &wrong, NOW, finding), CMK_ADDRESS_MALFORMED);
    CHECK(is_zero(finding, sizeof *finding));
    GIVES(cmk_risk_observe(risk, record, &wrong, CMK_OK, NOW), CMK_ADDRESS_MALFORMED);
    wrong = home, wrong.country = laptop;
    GIVES(cmk_risk_assess(risk, record, &wrong, NOW, finding), CMK_ARGUMENT);
    wrong = home, wrong.latitude = 99999;
    GIVES(cmk_risk_assess(risk, record, &wrong, NOW, finding), CMK_ARGUMENT);
    wrong = home, wrong.size = 0;
    GIVES(cmk_risk_assess(risk, record, &wrong, NOW, finding), CMK_STRUCT_SIZE);
    wrong = home, wrong.flags = 8;
    GIVES(cmk_risk_assess(risk, record, &wrong, NOW, finding), CMK_ARGUMENT);
    wrong = home, wrong.reserved = 1;
    GIVES(cmk_risk_observe(risk, record, &wrong, CMK_OK, NOW), CMK_ARGUMENT);
    GIVES(cmk_risk_assess(risk, NULL, &home, NOW, finding), CMK_NULL_POINTER);
    GIVES(cmk_risk_assess(risk, record, &home, NOW, NULL), CMK_NULL_POINTER);
    GIVES(cmk_risk_observe(risk, record, &home, 12345, NOW), CMK_ARGUMENT);
    GIVES(cmk_risk_observe(risk, NULL, &home, CMK_OK, NOW), CMK_NULL_POINTER);
    CHECK(memcmp(&before, record, sizeof before) == 0);
    GIVES(cmk_risk_observe(risk, record, &home, CMK_LOCKED_OUT, NOW), CMK_OK);
    GIVES(cmk_risk_assess(risk, record, &home, NOW + 60, finding), CMK_LOCKED_OUT);
    CHECK(finding->action == CMK_LOCK_OUT && finding->locked_until == NOW + 900);

    GIVES(cmk_risk_wipe(risk), CMK_OK);
    GIVES(cmk_risk_wipe(NULL), CMK_NULL_POINTER);
    drop(key);
    drop(subject);
    drop(laptop);
    drop(germany);
    drop(address);
    free(risk);
    free(record);
    free(finding);
}

static void sessions(void) {
    cmk_session *session = (cmk_session *)room(sizeof *session);
    cmk_session_rules rules = {30, 600, 3600, 500};
    cmk_seen seen;
    int64_t due = 1;

    memset(&seen, 0, sizeof seen);
    GIVES(cmk_session_begin(session, NULL, INT64_MAX, 0, NOW), CMK_NULL_POINTER);
    GIVES(cmk_session_begin(NULL, &rules, INT64_MAX, 0, NOW), CMK_NULL_POINTER);
    GIVES(cmk_session_observe(session, &seen, NOW), CMK_SESSION_ENDED);
    rules.idle_seconds = 0;
    GIVES(cmk_session_begin(session, &rules, INT64_MAX, 0, NOW), CMK_LIMIT_RANGE);
    rules.idle_seconds = 600;
    GIVES(cmk_session_begin(session, &rules, INT64_MAX, 0, NOW), CMK_OK);
    GIVES(cmk_session_due(session, &due), CMK_OK);
    CHECK(due == NOW + 30);
    GIVES(cmk_session_due(session, NULL), CMK_NULL_POINTER);
    GIVES(cmk_session_due(NULL, &due), CMK_NULL_POINTER);
    CHECK(due == 0);
    seen.flags = CMK_SEEN_USED;
    GIVES(cmk_session_observe(session, &seen, NOW + 29), CMK_OK);
    GIVES(cmk_session_observe(session, &seen, NOW + 30), CMK_SESSION_REVERIFY);
    seen.flags = 8;
    GIVES(cmk_session_observe(session, &seen, NOW + 30), CMK_ARGUMENT);
    seen.flags = CMK_SEEN_VERIFIED, seen.status = 12345;
    GIVES(cmk_session_observe(session, &seen, NOW + 30), CMK_ARGUMENT);
    GIVES(cmk_session_observe(session, NULL, NOW + 30), CMK_NULL_POINTER);
    GIVES(cmk_session_observe(NULL, &seen, NOW + 30), CMK_NULL_POINTER);
    seen.status = CMK_OK, seen.expires_at = INT64_MAX, seen.epoch = 1;
    GIVES(cmk_session_observe(session, &seen, NOW + 30), CMK_OK);
    seen.flags = CMK_SEEN_SIMILARITY, seen.similarity = 499;
    GIVES(cmk_session_observe(session, &seen, NOW + 31), CMK_STEP_UP);
    seen.flags = CMK_SEEN_VERIFIED, seen.status = CMK_EXPIRED;
    GIVES(cmk_session_observe(session, &seen, NOW + 32), CMK_SESSION_ENDED);
    seen.status = CMK_OK;
    GIVES(cmk_session_observe(session, &seen, NOW + 33), CMK_SESSION_ENDED);
    free(session);
}

#endif
