/* The claims of an accepted token, one accessor after the other. */
#ifndef EXERCISE_CLAIMS_H
#define EXERCISE_CLAIMS_H
#include "check.h"

static const char more_claims[] = "{\"scope\":\"read\",\"n\":-42,\"ok\":true,\"list\":[1,\"two\",{\"three\":3}],\"esc\":\"a\\u00e9\\n\",\"nil\":null}";

static void claims_of(const cmk_claims *accepted) {
    cmk_claims never;
    cmk_value value;
    cmk_value inner;
    cmk_bytes text;
    int64_t number;
    int32_t kind;
    char *small = (char *)room(4);

    GIVES(cmk_claims_json(accepted, &text), CMK_OK);
    CHECK(text.len > 2 && text.ptr[0] == '{' && text.ptr[text.len - 1] == '}');
    GIVES(cmk_claims_json(NULL, &text), CMK_NULL_POINTER);
    GIVES(cmk_claims_json(accepted, NULL), CMK_NULL_POINTER);
    memset(&never, 0, sizeof never);
    GIVES(cmk_claims_json(&never, &text), CMK_NOT_INITIALIZED);
    GIVES(cmk_claims_date(accepted, CMK_EXP, &number), CMK_OK);
    CHECK(number == NOW + 60);
    GIVES(cmk_claims_date(accepted, CMK_IAT, &number), CMK_OK);
    GIVES(cmk_claims_date(accepted, CMK_NBF, &number), CMK_CLAIM_ABSENT);
    CHECK(number == 0);
    GIVES(cmk_claims_date(accepted, 9, &number), CMK_ARGUMENT);
    GIVES(cmk_claims_get(accepted, cmk_text("absent"), &value), CMK_CLAIM_ABSENT);
    CHECK(is_zero(&value, sizeof value));
    GIVES(cmk_value_kind(&value, &kind), CMK_NOT_INITIALIZED);
    GIVES(cmk_claims_get(accepted, cmk_bytes_of("\xff", 1), &value), CMK_ARGUMENT);
    GIVES(cmk_claims_get(accepted, cmk_text("sub"), &value), CMK_OK);
    GIVES(cmk_value_kind(&value, &kind), CMK_OK);
    CHECK(kind == CMK_STRING);
    GIVES(cmk_value_kind(NULL, &kind), CMK_NULL_POINTER);
    GIVES(cmk_value_text(&value, NULL, 0, &text), CMK_OK);
    CHECK(is_text(text, "alice"));
    GIVES(cmk_value_integer(&value, &number), CMK_CLAIM_TYPE);
    GIVES(cmk_value_json(&value, &text), CMK_OK);
    CHECK(is_text(text, "\"alice\""));
    GIVES(cmk_claims_get(accepted, cmk_text("esc"), &value), CMK_OK);
    GIVES(cmk_value_text(&value, small, 4, &text), CMK_OK);
    CHECK(is_text(text, "a\xc3\xa9\n"));
    GIVES(cmk_value_text(&value, small, 3, &text), CMK_BUFFER_TOO_SMALL);
    GIVES(cmk_value_text(&value, NULL, 4, &text), CMK_NULL_POINTER);
    CHECK(is_zero(&text, sizeof text));
    GIVES(cmk_claims_text(accepted, cmk_text("sub"), NULL, 0, &text), CMK_OK);
    CHECK(is_text(text, "alice"));
    GIVES(cmk_claims_text(accepted, cmk_text("absent"), NULL, 0, &text), CMK_CLAIM_ABSENT);
    CHECK(is_zero(&text, sizeof text));
    GIVES(cmk_claims_text(accepted, cmk_text("esc"), small, 4, &text), CMK_OK);
    CHECK(is_text(text, "a\xc3\xa9\n"));
    GIVES(cmk_claims_text(accepted, cmk_text("esc"), small, 3, &text), CMK_BUFFER_TOO_SMALL);
    CHECK(is_zero(&text, sizeof text));
    GIVES(cmk_claims_text(accepted, cmk_text("n"), NULL, 0, &text), CMK_CLAIM_TYPE);
    GIVES(cmk_claims_text(accepted, cmk_text("absent"), NULL, 0, NULL), CMK_CLAIM_ABSENT);
    GIVES(cmk_claims_text(accepted, cmk_text("sub"), NULL, 0, NULL), CMK_NULL_POINTER);
    GIVES(cmk_claims_text(NULL, cmk_text("sub"), NULL, 0, &text), CMK_NULL_POINTER);
    GIVES(cmk_claims_get(accepted, cmk_text("n"), &value), CMK_OK);
    GIVES(cmk_value_integer(&value, &number), CMK_OK);
    CHECK(number == -42);
    GIVES(cmk_value_boolean(&value, &kind), CMK_CLAIM_TYPE);
    GIVES(cmk_claims_get(accepted, cmk_text("ok"), &value), CMK_OK);
    GIVES(cmk_value_boolean(&value, &kind), CMK_OK);
    CHECK(kind == 1);
    GIVES(cmk_value_element(&value, 0, &inner), CMK_CLAIM_TYPE);
    GIVES(cmk_claims_at(accepted, cmk_text("/list/2/three"), &value), CMK_OK);
    GIVES(cmk_value_integer(&value, &number), CMK_OK);
    CHECK(number == 3);
    GIVES(cmk_claims_at(accepted, cmk_text("/list/3"), &value), CMK_CLAIM_ABSENT);
    GIVES(cmk_claims_at(accepted, cmk_text("list"), &value), CMK_OK);
    GIVES(cmk_value_element(&value, 1, &inner), CMK_OK);
    GIVES(cmk_value_text(&inner, NULL, 0, &text), CMK_OK);
    CHECK(is_text(text, "two"));
    GIVES(cmk_value_element(&value, 3, &inner), CMK_CLAIM_ABSENT);
    GIVES(cmk_value_element(&value, SIZE_MAX, &inner), CMK_CLAIM_ABSENT);
    GIVES(cmk_value_element(&value, 2, &inner), CMK_OK);
    GIVES(cmk_value_member(&inner, cmk_text("three"), &value), CMK_OK);
    GIVES(cmk_value_member(&inner, cmk_text("four"), &value), CMK_CLAIM_ABSENT);
    GIVES(cmk_value_member(NULL, cmk_text("four"), &value), CMK_NULL_POINTER);
    free(small);
}

#endif
