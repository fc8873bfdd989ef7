/* `countermark_revoke ZONE` makes a location take revocations, for all workers at once:
 *
 *     POST ?token=JTI&expires=SECONDS[&issuer=ISS]     one token, by its jti; until its exp
 *     POST ?key=KID&expires=SECONDS[&issuer=ISS]       every token that a key verifies
 *     POST ?subject=SUB&before=SECONDS[&issuer=ISS]    every token of a subject that was issued before a time
 *
 * The times are those of the tokens: what a location's leeway adds to them is added here. 204 when it is noted. 400 for anything else,
 * also for one name twice and for a name that the form has not. 503 with REVOCATION_FULL: noted more coarsely, see the header. Who may
 * come here is nginx's business (allow, deny, auth_basic, a socket of its own): the location is nothing for the public, and 403 for a page.
 */
#include "module.h"

/* Whether it says one thing: each percent sign begins an escape, and no plus is there, which some write for a space. The wrong name
 * would be revoked, and 204 said. */
static ngx_uint_t is_clear(const ngx_str_t *value) {
    size_t at;
    for (at = 0; at < value->len; at++) {
        if (value->data[at] == '+'
            || (value->data[at] == '%' && (value->len - at < 3 || ngx_hextoi(value->data + at + 1, 2) == NGX_ERROR))) {
            return 0;
        }
    }
    return 1;
}

/* Places of the arguments; what is revoked comes first. */
typedef enum {
    TOKEN,
    KEY,
    SUBJECT,
    ISSUER,
    EXPIRES,
    BEFORE,
    NAMES
} name_t;

static const cm_word_t names[] = {
    {ngx_string("token"), TOKEN},   {ngx_string("key"), KEY},         {ngx_string("subject"), SUBJECT}, {ngx_string("issuer"), ISSUER},
    {ngx_string("expires"), EXPIRES}, {ngx_string("before"), BEFORE}, {ngx_null_string, 0},
};

/* Every argument as it came; no data where it is absent. NGX_ERROR: another name, or one twice. ngx_http_arg would take the first of two
 * and leave out a name that is spelt wrong: something else would be revoked, and 204 said. */
static ngx_int_t read_arguments(const ngx_http_request_t *r, ngx_str_t *found) {
    u_char *at = r->args.data, *end = at + r->args.len, *next, *mark;
    ngx_str_t name;
    int32_t place;
    ngx_memzero(found, NAMES * sizeof *found);
    for (; r->args.len != 0 && at <= end; at = next + 1) {
        next = ngx_strlchr(at, end, '&');
        next = next == NULL ? end : next;
        mark = ngx_strlchr(at, next, '=');
        if (mark == NULL) {
            return NGX_ERROR;
        }
        name.data = at;
        name.len = (size_t)(mark - at);
        place = cm_word(names, &name);
        if (place < 0 || found[place].data != NULL) {
            return NGX_ERROR;
        }
        found[place].data = mark + 1;
        found[place].len = (size_t)(next - mark - 1);
    }
    return NGX_OK;
}

/* The name with its percent signs decoded; none where it is absent. NGX_ERROR: no memory, it comes empty, or it can be read in two
 * ways. */
static ngx_int_t read_name(ngx_http_request_t *r, const ngx_str_t *value, cmk_bytes *text) {
    u_char *to, *from = value->data;
    *text = cmk_none();
    if (value->data == NULL) {
        return NGX_OK;
    }
    to = ngx_pnalloc(r->pool, value->len + 1);
    if (to == NULL || value->len == 0 || !is_clear(value)) {
        return NGX_ERROR;
    }
    *text = cmk_bytes_of(to, 0);
    ngx_unescape_uri(&to, &from, value->len, 0);
    text->len = (size_t)(to - text->ptr);
    return text->len == 0 ? NGX_ERROR : NGX_OK;
}

/* CMK_ARGUMENT for anything but one of the three forms. */
static int32_t note(ngx_http_request_t *r, const cm_zone_t *zone) {
    const cmk_revocation *table = &zone->view.revocation;
    ngx_str_t found[NAMES];
    cmk_bytes token, key, subject, issuer;
    name_t time;
    int64_t until, now = (int64_t)ngx_time();
    if (read_arguments(r, found) != NGX_OK || read_name(r, &found[TOKEN], &token) != NGX_OK
        || read_name(r, &found[KEY], &key) != NGX_OK || read_name(r, &found[SUBJECT], &subject) != NGX_OK
        || read_name(r, &found[ISSUER], &issuer) != NGX_OK || (token.len != 0) + (key.len != 0) + (subject.len != 0) != 1) {
        return CMK_ARGUMENT;
    }
    time = subject.len != 0 ? BEFORE : EXPIRES;
    until = (int64_t)ngx_atotm(found[time].data, found[time].len);
    if (until <= 0 || found[time == BEFORE ? EXPIRES : BEFORE].data != NULL) {
        return CMK_ARGUMENT;
    }
    if (subject.len != 0) {
        return cmk_revoke_subject(table, issuer, subject, until, now);
    }
    until = until > INT64_MAX - zone->leeway ? INT64_MAX : until + zone->leeway;
    return token.len != 0 ? cmk_revoke_token(table, issuer, token, until, now) : cmk_revoke_key(table, issuer, key, until, now);
}

/* Browsers send it with every POST of a page, which no page can prevent (Fetch, 3.2). No page has any business here. */
static ngx_uint_t is_of_page(const ngx_http_request_t *r) {
    const ngx_list_part_t *part;
    const ngx_table_elt_t *fields;
    ngx_uint_t at;
    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        fields = part->elts;
        for (at = 0; at < part->nelts; at++) {
            if (fields[at].key.len == 6 && ngx_strncasecmp(fields[at].key.data, (u_char *)"origin", 6) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

static ngx_int_t handle(ngx_http_request_t *r) {
    cm_conf_t *conf = ngx_http_get_module_loc_conf(r, ngx_http_countermark_module);
    ngx_int_t done;
    int32_t status;
    if (is_of_page(r)) {
        return NGX_HTTP_FORBIDDEN;
    }
    if (r->method != NGX_HTTP_POST) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    done = ngx_http_discard_request_body(r);
    if (done != NGX_OK) {
        return done;
    }
    status = note(r, conf->revoke);
    if (status != CMK_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "countermark: revocation: %s: %s", cmk_status_name(status),
                      cmk_status_sentence(status));
        return status == CMK_REVOCATION_FULL ? NGX_HTTP_SERVICE_UNAVAILABLE : NGX_HTTP_BAD_REQUEST;
    }
    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;
    return ngx_http_send_header(r);
}

char *cm_set_revoke(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_conf_t *local = conf;
    ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    (void)cmd;
    if (local->revoke != NULL) {
        return "is duplicate";
    }
    local->revoke = cm_zone(cf, (ngx_str_t *)cf->args->elts + 1, CM_REVOCATION);
    if (local->revoke == NULL) {
        return NGX_CONF_ERROR;
    }
    core->handler = handle;
    return NGX_CONF_OK;
}
