/* The token out of a request, and the challenge of the answer. */
#ifndef EXERCISE_CARRIER_H
#define EXERCISE_CARRIER_H
#include "check.h"

static void carrier(void) {
    static const char asked[] = "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\", max_age=\"60\"";
    cmk_header headers[2];
    cmk_source source = cmk_source_authorization();
    cmk_credentials found;
    cmk_bytes value;
    char *buffer = (char *)room(256);
    size_t at;
    cmk_bytes bearer = tight("bEaReR  abc.def.ghi");
    GIVES(cmk_authorization(bearer, &found), CMK_OK);
    CHECK(found.scheme == CMK_BEARER && is_text(found.token, "abc.def.ghi"));
    GIVES(cmk_authorization(cmk_text("DPoP abc"), &found), CMK_OK);
    CHECK(found.scheme == CMK_DPOP);
    GIVES(cmk_authorization(cmk_text("Basic abc"), &found), CMK_CREDENTIALS_MISSING);
    CHECK(is_zero(&found, sizeof found));
    GIVES(cmk_authorization(cmk_text("Bearer a b"), &found), CMK_CREDENTIALS_MALFORMED);
    GIVES(cmk_authorization(none, NULL), CMK_CREDENTIALS_MISSING);
    GIVES(cmk_authorization(bearer, NULL), CMK_NULL_POINTER);
    headers[0].name = cmk_text("Authorization");
    headers[0].value = bearer;
    headers[1].name = cmk_text("Cookie");
    headers[1].value = cmk_text("x=1; token=abc.def.ghi");
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_OK);
    source.cookie = cmk_text("token");
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_CREDENTIALS_REPEATED);
    source.ignore_authorization = 1;
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_OK);
    source.argument = cmk_text("access_token");
    GIVES(cmk_find(&source, headers, 1, cmk_text("a=1&access_token=abc"), &found), CMK_OK);
    GIVES(cmk_find(&source, headers, 0, none, &found), CMK_CREDENTIALS_MISSING);
    GIVES(cmk_find(&source, NULL, 1, none, &found), CMK_NULL_POINTER);
    GIVES(cmk_find(NULL, headers, 2, none, &found), CMK_NULL_POINTER);
    source.size = 3;
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_STRUCT_SIZE);
    GIVES(cmk_challenge(CMK_BEARER, cmk_text("realm"), none, CMK_EXPIRED, buffer, 256, &value), CMK_OK);
    CHECK(value.len > 20 && memcmp(value.ptr, "Bearer ", 7) == 0);
    for (at = 0; at < value.len; at++) {
        char *less = (char *)room(at);
        cmk_bytes cut;
        CHECK(cmk_challenge(CMK_BEARER, cmk_text("realm"), none, CMK_EXPIRED, less, at, &cut) == CMK_BUFFER_TOO_SMALL);
        free(less);
    }
    GIVES(cmk_challenge(9, none, none, CMK_EXPIRED, buffer, 256, &value), CMK_ARGUMENT);
    GIVES(cmk_challenge(CMK_BEARER, none, none, 12345, buffer, 256, &value), CMK_ARGUMENT);
    GIVES(cmk_challenge(CMK_BEARER, cmk_bytes_of(buffer, 4), none, CMK_EXPIRED, buffer, 256, &value), CMK_OVERLAP);
    GIVES(cmk_challenge(CMK_BEARER, none, none, CMK_EXPIRED, buffer, 256, NULL), CMK_NULL_POINTER);
    GIVES(cmk_login_challenge(CMK_BEARER, none, cmk_text("gold"), 60, CMK_ACR, buffer, 256, &value), CMK_OK);
    CHECK(value.len == strlen(asked) && memcmp(value.ptr, asked, value.len) == 0);
    GIVES(cmk_login_challenge(CMK_DPOP, none, none, -1, CMK_AUTH_TOO_OLD, buffer, 256, &value), CMK_OK);
    CHECK(value.len == 45 && memcmp(value.ptr, "DPoP error=", 11) == 0);
    GIVES(cmk_login_challenge(CMK_BEARER, none, none, -2, CMK_ACR, buffer, 256, &value), CMK_ARGUMENT);
    GIVES(cmk_login_challenge(CMK_BEARER, none, none, INT64_C(1) << 32, CMK_ACR, buffer, 256, &value), CMK_ARGUMENT);
    GIVES(cmk_login_challenge(CMK_BEARER, none, cmk_bytes_of(buffer, 4), 0, CMK_ACR, buffer, 256, &value), CMK_OVERLAP);
    GIVES(cmk_login_challenge(CMK_BEARER, none, none, 0, CMK_ACR, buffer, 256, NULL), CMK_NULL_POINTER);
    drop(bearer);
    free(buffer);
}

#endif
