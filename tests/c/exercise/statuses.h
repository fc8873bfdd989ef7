/* An issuer's status list: loaded, looked into, and in the verdict. */
#ifndef EXERCISE_STATUSES_H
#define EXERCISE_STATUSES_H
#include "check.h"

/* A token of these claims, verified into `claims`. */
static int32_t judged(const cmk_verifier *verifier, const cmk_signer *signer, const char *typ, const char *text, uint8_t *scratch,
                      cmk_claims *claims) {
    static uint8_t buffer[1024], room_to_issue[2048];
    cmk_mint mint = cmk_mint_for(cmk_text("u"), NOW + 60);
    cmk_bytes token = cmk_text(NULL);
    cmk_request request;
    cmk_report report;
    mint.typ = cmk_text(typ);
    mint.claims = cmk_text(text);
    mint.issuer = cmk_text("i");
    GIVES(cmk_issue(signer, &mint, room_to_issue, sizeof room_to_issue, buffer, sizeof buffer, &token), CMK_OK);
    request = cmk_request_at(token, NOW);
    return cmk_verify(verifier, &request, scratch, 2048, claims, &report);
}

static void statuses(void) {
    static const char list_text[] = "{\"status_list\":{\"bits\":2,\"lst\":\"eNo76fITAAPfAgc\"}}";
    static const char of_third[] = "{\"status\":{\"status_list\":{\"idx\":2,\"uri\":\"u\"}}}";
    static const char of_first[] = "{\"status\":{\"status_list\":{\"idx\":0,\"uri\":\"u\"}}}";
    static const char of_fourth[] = "{\"status\":{\"status_list\":{\"idx\":3,\"uri\":\"u\"}}}";
    void *region = room(CMK_KEYS_BYTES(1, 0));
    uint8_t *scratch = (uint8_t *)room(2048), *other = (uint8_t *)room(2048), *memory = (uint8_t *)room(3);
    cmk_status_list *list = (cmk_status_list *)room(sizeof *list);
    cmk_status_source source;
    cmk_verifier verifier;
    cmk_signer signer;
    cmk_claims claims, accepted;
    cmk_policy policy = cmk_policy_strict();
    cmk_keys keys;
    uint32_t status = 9;
    const uint8_t three = 3;

    memset(&source, 0, sizeof source);
    memset(&accepted, 0, sizeof accepted);
    source.uri = tight("u");
    source.issuer = tight("i");
    GIVES(cmk_keys_init(&keys, region, CMK_KEYS_BYTES(1, 0), none), CMK_OK);
    GIVES(cmk_keys_add_secret(&keys, CMK_HS256, none, cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_signer_of_secret(&signer, CMK_HS256, none, cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_verifier_init(&verifier, &keys, 1, &policy), CMK_OK);
    CHECK(cmk_status_list_bytes() == sizeof(cmk_status_list));

    GIVES(judged(&verifier, &signer, "JWT", list_text, scratch, &claims), CMK_OK);
    GIVES(cmk_status_list_load(list, &claims, &source, memory, 3, NOW), CMK_STATUS_LIST_MISMATCH);
    GIVES(judged(&verifier, &signer, "statuslist+jwt", list_text, scratch, &claims), CMK_OK);
    GIVES(cmk_status_list_load(list, &claims, &source, memory, 2, NOW), CMK_STATUS_LIST_TOO_LARGE);
    CHECK(is_zero(list, sizeof *list) && is_zero(memory, 2));
    GIVES(cmk_status_list_load(list, &claims, &source, memory, 3, NOW + 60), CMK_STATUS_LIST_STALE);
    GIVES(cmk_status_list_load(list, &accepted, &source, memory, 3, NOW), CMK_NOT_INITIALIZED);
    GIVES(cmk_status_list_load(list, &claims, &source, NULL, 3, NOW), CMK_NULL_POINTER);
    GIVES(cmk_status_list_load(list, NULL, &source, memory, 3, NOW), CMK_NULL_POINTER);
    GIVES(cmk_status_list_load(list, &claims, NULL, memory, 3, NOW), CMK_NULL_POINTER);
    GIVES(cmk_status_list_load(NULL, &claims, &source, memory, 3, NOW), CMK_NULL_POINTER);
    GIVES(cmk_status_list_load(list, &claims, &source, scratch, 2048, NOW), CMK_OVERLAP);
    GIVES(cmk_status_list_load(list, &claims, &source, list, 3, NOW), CMK_OVERLAP);
    GIVES(cmk_status_list_get(list, 0, &status), CMK_NOT_INITIALIZED);
    GIVES(cmk_verifier_use_status_lists(&verifier, list, 1, none, 0), CMK_NOT_INITIALIZED);
    source.max_age = 30;
    GIVES(cmk_status_list_load(list, &claims, &source, memory, 3, NOW), CMK_OK);
    GIVES(cmk_status_list_get(list, 3, &status), CMK_OK);
    CHECK(status == 3);
    GIVES(cmk_status_list_get(list, 12, &status), CMK_STATUS_INDEX);
    CHECK(status == 0);
    GIVES(cmk_status_list_get(list, 0, NULL), CMK_NULL_POINTER);
    GIVES(cmk_status_list_get(NULL, 0, &status), CMK_NULL_POINTER);

    GIVES(cmk_verifier_use_status_lists(&verifier, NULL, 1, none, 0), CMK_NULL_POINTER);
    GIVES(cmk_verifier_use_status_lists(NULL, list, 1, none, 0), CMK_NULL_POINTER);
    GIVES(cmk_verifier_use_status_lists(&verifier, list, 1, none, 2), CMK_ARGUMENT);
    GIVES(cmk_verifier_use_status_lists((cmk_verifier *)list, list, 1, none, 0), CMK_OVERLAP);
    GIVES(cmk_verifier_use_status_lists(&verifier, list, 1, none, 0), CMK_OK);
    GIVES(judged(&verifier, &signer, "JWT", "{}", other, &accepted), CMK_OK);
    GIVES(judged(&verifier, &signer, "JWT", of_third, other, &accepted), CMK_OK);
    GIVES(judged(&verifier, &signer, "JWT", of_first, other, &accepted), CMK_STATUS_INVALID);
    GIVES(judged(&verifier, &signer, "JWT", of_fourth, other, &accepted), CMK_STATUS_SUSPENDED);
    GIVES(cmk_verifier_use_status_lists(&verifier, list, 1, cmk_bytes_of(&three, 1), CMK_STATUS_REQUIRED), CMK_OK);
    GIVES(judged(&verifier, &signer, "JWT", of_fourth, other, &accepted), CMK_OK);
    GIVES(judged(&verifier, &signer, "JWT", "{}", other, &accepted), CMK_STATUS_LIST_MISMATCH);

    cmk_signer_wipe(&signer);
    cmk_verifier_wipe(&verifier);
    drop(source.uri);
    drop(source.issuer);
    free(list), free(memory), free(other), free(scratch), free(region);
}

#endif
