/* `countermark_right PATH TEST VALUE...`: what a token must be allowed. */
#include "module.h"

/* Whether the library takes such a rule: asked with a key of this moment's own, so that the rule's own line fails. */
static int32_t try_rule(const cmk_rule *rule) {
    uint64_t region[CMK_KEYS_BYTES_SMALL(1, 0) / 8 + 1];
    cmk_policy policy = cmk_policy_strict();
    cmk_verifier verifier;
    cmk_keys keys;
    int32_t status = cmk_keys_init(&keys, region, sizeof region, cmk_none());
    if (status == CMK_OK) {
        status = cmk_keys_add_secret(&keys, CMK_HS256, cmk_none(), cmk_text("no secret, and of no further use"));
    }
    policy.rules = rule;
    policy.rule_count = 1;
    return status == CMK_OK ? cmk_verifier_init(&verifier, &keys, 1, &policy) : status;
}

static char *tried(ngx_conf_t *cf, const cmk_rule *rule) {
    int32_t status = try_rule(rule);
    return status == CMK_OK ? NGX_CONF_OK : cm_refused(cf, "right", (ngx_str_t *)cf->args->elts + 1, status);
}

char *cm_set_right(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    static const cm_word_t tests[] = {
        {ngx_string("all_of"), CMK_RULE_ALL_OF}, {ngx_string("any_of"), CMK_RULE_ANY_OF},
        {ngx_string("none_of"), CMK_RULE_NONE_OF}, {ngx_string("<"), CMK_RULE_LESS},
        {ngx_string("<="), CMK_RULE_LESS_OR_EQUAL}, {ngx_string("="), CMK_RULE_EQUAL},
        {ngx_string(">="), CMK_RULE_GREATER_OR_EQUAL}, {ngx_string(">"), CMK_RULE_GREATER}, {ngx_null_string, 0},
    };
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    ngx_uint_t at, count = cf->args->nelts;
    cmk_bytes *values;
    cmk_rule *rule;
    (void)cmd;
    if (count == 2 && ngx_strcmp(arguments[1].data, "off") == 0) {
        if (local->rights != NGX_CONF_UNSET_PTR) {
            return "is duplicate";
        }
        local->rights = NULL;
        return NGX_CONF_OK;
    }
    if (count < 4 || local->rights == NULL) {
        return "takes a claim's path, a test and values, or off alone";
    }
    if (local->rights == NGX_CONF_UNSET_PTR) {
        local->rights = ngx_array_create(cf->pool, 4, sizeof(cmk_rule));
    }
    rule = local->rights == NULL ? NULL : ngx_array_push(local->rights);
    values = ngx_palloc(cf->pool, count * sizeof *values);
    if (rule == NULL || values == NULL) {
        return NGX_CONF_ERROR;
    }
    ngx_memzero(rule, sizeof *rule);
    rule->path = cm_bytes(&arguments[1]);
    rule->test = cm_word(tests, &arguments[2]);
    if (rule->test < 0) {
        return cm_refused(cf, "neither all_of nor any_of nor none_of nor a comparison:", &arguments[2], CMK_OK);
    }
    if (rule->test >= CMK_RULE_LESS) {
        ngx_int_t number = ngx_atoi(arguments[3].data, arguments[3].len);
        rule->number = number;
        return number == NGX_ERROR || count != 4 ? cm_refused(cf, "not one natural number:", &arguments[3], CMK_OK)
                                                 : tried(cf, rule);
    }
    for (at = 3; at < count; at++) {
        values[at - 3] = cm_bytes(&arguments[at]);
    }
    rule->values = values;
    rule->value_count = count - 3;
    return tried(cf, rule);
}
