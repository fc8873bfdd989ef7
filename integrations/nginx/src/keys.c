/* Key files. `countermark_keys jwks|pem|secret FILE [alg=NAME,...] [kid=ID] [issuer=ISS]`: a set of its own for each line, read
 * and checked when the line is read. A reload reads them anew, and a file that is not good leaves the running server as it was. */
#include "module.h"

#define CM_JWKS 1
#define CM_PEM 2
#define CM_SECRET 3

/* The longest that the library takes of each. */
#define CM_JWKS_BYTES_MAX (64 * 1024)
#define CM_PEM_BYTES_MAX 4096
#define CM_SECRET_BYTES_MAX 512

/* 5 bits: 52 KiB for each key. Wider windows gain little more; docs/evidence.md has the figures. */
#define CM_WINDOW 5

typedef struct {
    ngx_str_t kid;
    ngx_str_t issuer;
    int32_t algorithms[CMK_LIST_MAX];
    size_t count;
} cm_options_t;

static void wipe_keys(void *data) {
    (void)cmk_keys_wipe(data);
}

/* alg=A,B,C */
static char *read_algorithms(ngx_conf_t *cf, const ngx_str_t *list, cm_options_t *options) {
    ngx_str_t name;
    u_char *at = list->data, *end = list->data + list->len;
    for (;;) {
        name.data = at;
        while (at < end && *at != ',') {
            at++;
        }
        name.len = (size_t)(at - name.data);
        if (options->count == CMK_LIST_MAX) {
            return "has too many algorithms";
        }
        options->algorithms[options->count] = cm_algorithm(&name);
        if (options->algorithms[options->count++] < 0) {
            return cm_refused(cf, "no algorithm of this build:", &name, CMK_OK);
        }
        if (at == end) {
            return NGX_CONF_OK;
        }
        at++;
    }
}

static char *read_options(ngx_conf_t *cf, cm_options_t *options) {
    ngx_str_t *arguments = cf->args->elts, value;
    ngx_uint_t at;
    char *done;
    ngx_memzero(options, sizeof *options);
    for (at = 3; at < cf->args->nelts; at++) {
        if (cm_option(&arguments[at], "kid", &value) && value.len != 0 && options->kid.len == 0) {
            options->kid = value;
        } else if (cm_option(&arguments[at], "issuer", &value) && value.len != 0 && options->issuer.len == 0) {
            options->issuer = value;
        } else if (cm_option(&arguments[at], "alg", &value) && options->count == 0) {
            done = read_algorithms(cf, &value, options);
            if (done != NGX_CONF_OK) {
                return done;
            }
        } else {
            return cm_refused(cf, "neither alg=, kid= nor issuer=, or one twice:", &arguments[at], CMK_OK);
        }
    }
    return NGX_CONF_OK;
}

/* The usable keys of a JWK Set. Those that are not are logged: an issuer may publish keys that are meant for others. */
static int32_t add_set(ngx_conf_t *cf, cmk_keys *keys, const ngx_str_t *name, cmk_bytes text, const cm_options_t *options) {
    cmk_loaded loaded;
    int32_t status = cmk_keys_add_jwks(keys, text, options->algorithms, options->count, &loaded);
    if (status == CMK_OK && loaded.added == 0) {
        return loaded.reason != CMK_OK ? loaded.reason : CMK_NO_KEY;
    }
    if (status == CMK_OK && loaded.skipped != 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "countermark: %uD of the keys of \"%V\" are not used, the first: %s: %s",
                           loaded.skipped, name, cmk_status_name(loaded.reason), cmk_status_sentence(loaded.reason));
    }
    return status;
}

static int32_t add(ngx_conf_t *cf, cmk_keys *keys, int32_t form, const ngx_str_t *name, const ngx_str_t *content,
                   const cm_options_t *options) {
    cmk_bytes text = cm_bytes(content), kid = options->kid.len == 0 ? cmk_none() : cm_bytes(&options->kid);
    cmk_bytes issuer = options->issuer.len == 0 ? cmk_none() : cm_bytes(&options->issuer);
    ngx_pool_cleanup_t *cleanup;
    size_t bytes = CMK_KEYS_BYTES(1, options->issuer.len);
    void *region;
    int32_t status = CMK_OK;
    if (form == CM_JWKS) {
        status = cmk_keys_size_for(text, options->algorithms, options->count, issuer, &bytes);
    }
    if (status != CMK_OK) {
        return status;
    }
    region = ngx_pcalloc(cf->pool, bytes);
    cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (region == NULL || cleanup == NULL) {
        return CMK_REGION_TOO_SMALL;
    }
    status = cmk_keys_init(keys, region, bytes, issuer);
    if (status != CMK_OK) {
        return status;
    }
    cleanup->handler = wipe_keys;
    cleanup->data = keys;
    switch (form) {
    case CM_JWKS:
        return add_set(cf, keys, name, text, options);
    case CM_PEM:
        return cmk_keys_add_pem(keys, options->algorithms[0], kid, text);
    default:
        return cmk_keys_add_secret(keys, options->algorithms[0], kid, text);
    }
}

static char *load(ngx_conf_t *cf, cmk_keys *keys, int32_t form, const cm_options_t *options) {
    static const size_t most[] = {0, CM_JWKS_BYTES_MAX, CM_PEM_BYTES_MAX, CM_SECRET_BYTES_MAX};
    ngx_str_t *name = (ngx_str_t *)cf->args->elts + 2, content;
    int32_t status;
    if (form == CM_JWKS ? options->kid.len != 0 : options->count != 1) {
        return form == CM_JWKS ? "takes no kid= for a set, whose keys have their own" : "needs one alg= for this key";
    }
    if (cm_read(cf, name, most[form], &content) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }
    if (form == CM_SECRET && content.data[content.len - 1] == '\n') {
        cm_forget(&content);
        return cm_refused(cf, "a newline at the end, which would be part of the secret: write it without one, as printf does:", name,
                          CMK_OK);
    }
    status = add(cf, keys, form, name, &content, options);
    cm_forget(&content);
    return status == CMK_OK ? NGX_CONF_OK : cm_refused(cf, "keys", name, status);
}

char *cm_set_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    static const cm_word_t forms[] = {
        {ngx_string("jwks"), CM_JWKS}, {ngx_string("pem"), CM_PEM}, {ngx_string("secret"), CM_SECRET}, {ngx_null_string, 0},
    };
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    int32_t form = cm_word(forms, &arguments[1]);
    cm_options_t options;
    char *done;
    (void)cmd;
    if (form < 0) {
        return cm_refused(cf, "neither jwks nor pem nor secret:", &arguments[1], CMK_OK);
    }
    if (local->keys == NGX_CONF_UNSET_PTR) {
        local->keys = ngx_pcalloc(cf->pool, sizeof *local->keys);
        if (local->keys == NULL) {
            return NGX_CONF_ERROR;
        }
        local->keys->place = cm_place(cf);
    }
    if (local->keys->count == CMK_SETS_MAX) {
        return "comes more than sixteen times";
    }
    done = read_options(cf, &options);
    if (done == NGX_CONF_OK) {
        done = load(cf, &local->keys->sets[local->keys->count], form, &options);
    }
    if (done == NGX_CONF_OK) {
        local->keys->count++;
    }
    return done;
}

char *cm_prepare(ngx_conf_t *cf, cm_keys_t *keys) {
    size_t at, count, all = 0, bytes = cmk_prepared_bytes(CM_WINDOW, 0);
    void *probe;
    int32_t status;
    if (keys->prepared != NULL || bytes == 0) {
        return NGX_CONF_OK;
    }
    for (at = 0; at < keys->count; at++) {
        if (cmk_keys_count(&keys->sets[at], &count) == CMK_OK) {
            all += count;
        }
    }
    /* Without an ES256 key the smallest region suffices, and then there is nothing to prepare. */
    probe = ngx_pmemalign(cf->pool, bytes, 64);
    if (probe == NULL) {
        return NGX_CONF_ERROR;
    }
    status = cmk_prepare(probe, bytes, CM_WINDOW, keys->sets, keys->count);
    (void)ngx_pfree(cf->pool, probe);
    if (status != CMK_REGION_TOO_SMALL) {
        return status == CMK_OK ? NGX_CONF_OK : cm_refused_at(cf, &keys->place, "keys", status);
    }
    keys->prepared_bytes = cmk_prepared_bytes(CM_WINDOW, all);
    keys->prepared = ngx_pmemalign(cf->pool, keys->prepared_bytes, 64);
    if (keys->prepared == NULL) {
        return NGX_CONF_ERROR;
    }
    status = cmk_prepare(keys->prepared, keys->prepared_bytes, CM_WINDOW, keys->sets, keys->count);
    return status == CMK_OK ? NGX_CONF_OK : cm_refused_at(cf, &keys->place, "keys", status);
}
