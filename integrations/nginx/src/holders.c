/* The directives about who presents the token: its fingerprint and its proofs. */
#include "module.h"

static const cm_word_t sketches[] = {
    {ngx_string("headers"), CMK_SKETCH_HEADERS}, {ngx_string("headers-strict"), CMK_SKETCH_HEADERS_STRICT},
    {ngx_string("browser"), CMK_SKETCH_BROWSER}, {ngx_string("uniform"), CMK_SKETCH_UNIFORM},
    {ngx_string("stalker"), CMK_SKETCH_STALKER}, {ngx_string("stalker-strict"), CMK_SKETCH_STALKER_STRICT},
    {ngx_string("device"), CMK_SKETCH_DEVICE},   {ngx_null_string, 0},
};

static const cm_word_t digests[] = {
    {ngx_string("digest-headers"), CMK_RECIPE_HEADERS}, {ngx_string("digest-compat"), CMK_RECIPE_COMPAT}, {ngx_null_string, 0},
};

typedef struct {
    ngx_str_t claim;
    cmk_pepper peppers[CMK_PEPPERS_MAX];
    ngx_str_t contents[CMK_PEPPERS_MAX];
    size_t count;
} cm_peppers_t;

static void wipe_fingerprint(void *data) {
    cm_fingerprint_t *fingerprint = data;
    (void)cmk_sketch_wipe(&fingerprint->sketch);
    cmk_wipe(fingerprint->pepper, sizeof fingerprint->pepper);
}

/* pepper=NUMBER:FILE. The bytes of the file as they are; with a newline at its end they would not be those of whoever mints. */
static char *read_pepper(ngx_conf_t *cf, const ngx_str_t *value, cm_peppers_t *all) {
    u_char *colon = ngx_strlchr(value->data, value->data + value->len, ':');
    ngx_str_t name = ngx_null_string, *content = &all->contents[all->count];
    ngx_int_t number = colon == NULL ? NGX_ERROR : ngx_atoi(value->data, (size_t)(colon - value->data));
    if (number < 0 || number > 255 || all->count == CMK_PEPPERS_MAX) {
        return cm_refused(cf, "not NUMBER:FILE with a number up to 255, or more than four:", value, CMK_OK);
    }
    name.data = colon + 1;
    name.len = (size_t)(value->data + value->len - name.data);
    if (cm_read(cf, &name, CM_PEPPER_BYTES_MAX, content) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }
    all->peppers[all->count].number = (uint32_t)number;
    all->peppers[all->count++].secret = cm_bytes(content);
    if (content->data[content->len - 1] == '\n') {
        return cm_refused(cf, "a newline at the end, which would be part of the pepper: write it without one, as printf does:", &name,
                          CMK_OK);
    }
    return NGX_CONF_OK;
}

static char *read_peppers(ngx_conf_t *cf, cm_peppers_t *all) {
    ngx_str_t *arguments = cf->args->elts, value;
    ngx_uint_t at;
    char *done;
    for (at = 2; at < cf->args->nelts; at++) {
        if (cm_option(&arguments[at], "claim", &value) && value.len != 0) {
            all->claim = value;
        } else if (cm_option(&arguments[at], "pepper", &value)) {
            done = read_pepper(cf, &value, all);
            if (done != NGX_CONF_OK) {
                return done;
            }
        } else {
            return cm_refused(cf, "neither claim= nor pepper=:", &arguments[at], CMK_OK);
        }
    }
    return NGX_CONF_OK;
}

/* The recipe's pepper stays where it is, so it needs memory of the configuration's; the sketch copies its own. */
static int32_t keep_recipe(cm_fingerprint_t *fingerprint, int32_t preset, const cm_peppers_t *all) {
    cmk_bytes claim = all->claim.len == 0 ? cmk_text("fp") : cm_bytes(&all->claim);
    if (preset == CMK_RECIPE_COMPAT) {
        fingerprint->recipe = cmk_recipe_compat(claim);
        return all->count == 0 ? CMK_OK : CMK_POLICY_CONFLICT;
    }
    if (all->count != 1) {
        return all->count == 0 ? CMK_PEPPER_TOO_SHORT : CMK_TOO_MANY_ITEMS;
    }
    ngx_memcpy(fingerprint->pepper, all->peppers[0].secret.ptr, all->peppers[0].secret.len);
    fingerprint->recipe = cmk_recipe_headers(claim, cmk_bytes_of(fingerprint->pepper, all->peppers[0].secret.len));
    return CMK_OK;
}

/* PRESET [claim=NAME] pepper=NUMBER:FILE ... */
char *cm_set_fingerprint(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_conf_t *local = conf;
    ngx_str_t *preset = (ngx_str_t *)cf->args->elts + 1;
    int32_t sketch = cm_word(sketches, preset), digest = cm_word(digests, preset), status;
    ngx_pool_cleanup_t *cleanup;
    cm_peppers_t all;
    cmk_sketch_rules rules;
    char *done;
    size_t at;
    (void)cmd;
    if (local->fingerprint != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (cf->args->nelts == 2 && ngx_strcmp(preset->data, "off") == 0) {
        local->fingerprint = NULL;
        return NGX_CONF_OK;
    }
    if (sketch < 0 && digest < 0) {
        return cm_refused(cf, "no preset of a sketch or digest:", preset, CMK_OK);
    }
    local->fingerprint = ngx_pcalloc(cf->pool, sizeof *local->fingerprint);
    cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (local->fingerprint == NULL || cleanup == NULL) {
        return NGX_CONF_ERROR;
    }
    cleanup->handler = wipe_fingerprint;
    cleanup->data = local->fingerprint;
    ngx_memzero(&all, sizeof all);
    done = read_peppers(cf, &all);
    status = CMK_OK;
    if (done == NGX_CONF_OK && sketch >= 0) {
        rules = cmk_sketch_rules_of(sketch, all.claim.len == 0 ? cmk_text("cmk") : cm_bytes(&all.claim), all.peppers, all.count);
        status = cmk_sketch_init(&local->fingerprint->sketch, &rules);
        local->fingerprint->is_sketch = 1;
    } else if (done == NGX_CONF_OK) {
        status = keep_recipe(local->fingerprint, digest, &all);
    }
    for (at = 0; at < CMK_PEPPERS_MAX; at++) {
        cm_forget(&all.contents[at]);
    }
    return status == CMK_OK ? done : cm_refused(cf, "fingerprint", preset, status);
}

/* scheme://authority and nothing behind it: the path is the request's. */
static ngx_uint_t is_origin(const ngx_str_t *text) {
    size_t head = ngx_strncmp(text->data, "https://", 8) == 0 ? 8 : ngx_strncmp(text->data, "http://", 7) == 0 ? 7 : 0;
    return head != 0 && text->len > head && ngx_strlchr(text->data + head, text->data + text->len, '/') == NULL
        && ngx_strlchr(text->data, text->data + text->len, '?') == NULL
        && ngx_strlchr(text->data, text->data + text->len, '#') == NULL;
}

static void wipe_dpop(void *data) {
    cm_dpop_t *dpop = data;
    cmk_wipe((void *)(uintptr_t)dpop->rules.nonce_secret.ptr, dpop->rules.nonce_secret.len);
}

static char *read_nonce(ngx_conf_t *cf, ngx_str_t *name, cm_dpop_t *dpop) {
    ngx_pool_cleanup_t *cleanup;
    ngx_str_t content;
    u_char *secret;
    if (cm_read(cf, name, CM_PEPPER_BYTES_MAX, &content) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }
    secret = ngx_palloc(cf->pool, content.len);
    cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (secret != NULL && cleanup != NULL) {
        ngx_memcpy(secret, content.data, content.len);
        dpop->rules.nonce_secret = cmk_bytes_of(secret, content.len);
        cleanup->handler = wipe_dpop;
        cleanup->data = dpop;
    }
    cm_forget(&content);
    if (dpop->rules.nonce_secret.ptr == NULL) {
        return NGX_CONF_ERROR;
    }
    if (dpop->rules.nonce_secret.len < 32) {
        return cm_refused(cf, "shorter than 32 bytes:", name, CMK_OK);
    }
    return NGX_CONF_OK;
}

static char *read_seconds(ngx_conf_t *cf, ngx_str_t *text, uint32_t *seconds) {
    ngx_int_t parsed = ngx_parse_time(text, 1);
    if (parsed <= 0 || parsed > 86400) {
        return cm_refused(cf, "no time between a second and a day:", text, CMK_OK);
    }
    *seconds = (uint32_t)parsed;
    return NGX_CONF_OK;
}

/* ORIGIN zone=NAME [nonce=FILE] [nonce_time=5m] [age=5m] [ahead=1m] */
char *cm_set_dpop(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts, value;
    ngx_uint_t at;
    cm_dpop_t *dpop;
    char *done = NGX_CONF_OK;
    (void)cmd;
    if (local->dpop != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (cf->args->nelts == 2 && ngx_strcmp(arguments[1].data, "off") == 0) {
        local->dpop = NULL;
        return NGX_CONF_OK;
    }
    local->dpop = dpop = ngx_pcalloc(cf->pool, sizeof *dpop);
    if (dpop == NULL) {
        return NGX_CONF_ERROR;
    }
    dpop->rules = cmk_dpop_rules();
    dpop->origin = arguments[1];
    if (!is_origin(&dpop->origin)) {
        return cm_refused(cf, "not the origin that clients see, such as https://api.example:", &arguments[1], CMK_OK);
    }
    for (at = 2; at < cf->args->nelts && done == NGX_CONF_OK; at++) {
        if (cm_option(&arguments[at], "zone", &value) && dpop->zone == NULL) {
            dpop->zone = cm_zone(cf, &value, CM_REPLAY);
            done = dpop->zone == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
        } else if (cm_option(&arguments[at], "nonce", &value) && dpop->rules.nonce_secret.len == 0) {
            done = read_nonce(cf, &value, dpop);
        } else if (cm_option(&arguments[at], "nonce_time", &value)) {
            done = read_seconds(cf, &value, &dpop->rules.nonce_seconds);
        } else if (cm_option(&arguments[at], "age", &value)) {
            done = read_seconds(cf, &value, &dpop->rules.past_seconds);
        } else if (cm_option(&arguments[at], "ahead", &value)) {
            done = read_seconds(cf, &value, &dpop->rules.future_seconds);
        } else {
            done = cm_refused(cf, "neither zone=, nonce=, nonce_time=, age= nor ahead=, or one twice:", &arguments[at], CMK_OK);
        }
    }
    if (done == NGX_CONF_OK && dpop->zone == NULL) {
        return "needs zone=NAME, a countermark_zone of the kind replay";
    }
    return done;
}
