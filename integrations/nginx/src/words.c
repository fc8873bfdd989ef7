/* Words of the configuration, files that it names, and errors that say the line. */
#include "module.h"

int32_t cm_word(const cm_word_t *words, const ngx_str_t *name) {
    for (; words->name.len != 0; words++) {
        if (words->name.len == name->len && ngx_memcmp(words->name.data, name->data, name->len) == 0) {
            return words->number;
        }
    }
    return -1;
}

ngx_uint_t cm_option(const ngx_str_t *argument, const char *name, ngx_str_t *value) {
    size_t length = ngx_strlen(name);
    if (argument->len <= length || ngx_strncmp(argument->data, name, length) != 0 || argument->data[length] != '=') {
        return 0;
    }
    value->data = argument->data + length + 1;
    value->len = argument->len - length - 1;
    return 1;
}

char *cm_refused(ngx_conf_t *cf, const char *what, const ngx_str_t *which, int32_t status) {
    if (status == CMK_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "countermark: %s \"%V\"", what, which);
    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "countermark: %s \"%V\": %s: %s", what, which, cmk_status_name(status),
                           cmk_status_sentence(status));
    }
    return NGX_CONF_ERROR;
}

/* nginx would name the line where the block ends, which is where it merges. */
char *cm_refused_at(ngx_conf_t *cf, const cm_place_t *place, const char *what, int32_t status) {
    if (status == CMK_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "countermark: %s in %V:%ui", what, &place->file, place->line);
    } else {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "countermark: %s: %s: %s in %V:%ui", what, cmk_status_name(status),
                      cmk_status_sentence(status), &place->file, place->line);
    }
    return NGX_CONF_ERROR;
}

cm_place_t cm_place(ngx_conf_t *cf) {
    cm_place_t place;
    place.file = cf->conf_file->file.name; /* of the cycle's pool */
    place.line = cf->conf_file->line;
    return place;
}

char *cm_read(ngx_conf_t *cf, ngx_str_t *name, size_t most, ngx_str_t *content) {
    ngx_file_info_t info;
    ngx_fd_t fd;
    ssize_t got;
    size_t room;
    ngx_str_null(content);
    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }
    fd = ngx_open_file(name->data, NGX_FILE_RDONLY | NGX_FILE_NONBLOCK, NGX_FILE_OPEN, 0);
    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "countermark: cannot open \"%V\"", name);
        return NGX_CONF_ERROR;
    }
    /* A FIFO or a device would keep nginx waiting. */
    if (ngx_fd_info(fd, &info) == NGX_FILE_ERROR || !ngx_is_file(&info)) {
        (void)ngx_close_file(fd);
        return cm_refused(cf, "not a regular file:", name, CMK_OK);
    }
    /* One byte more than may be: a longer file shows. */
    content->data = ngx_alloc(most + 1, cf->log);
    if (content->data == NULL) {
        (void)ngx_close_file(fd);
        return NGX_CONF_ERROR;
    }
    for (room = most + 1; room > 0; room -= (size_t)got, content->len += (size_t)got) {
        got = ngx_read_fd(fd, content->data + content->len, room);
        if (got < 0 && ngx_errno == NGX_EINTR) {
            got = 0;
            continue;
        }
        if (got < 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "countermark: cannot read \"%V\"", name);
        }
        if (got <= 0) {
            break;
        }
    }
    (void)ngx_close_file(fd);
    if (room > 0 && got < 0) {
        cm_forget(content);
        return NGX_CONF_ERROR;
    }
    if (content->len == 0 || content->len > most) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "countermark: \"%V\" is empty or longer than %uz bytes", name, most);
        cm_forget(content);
        return NGX_CONF_ERROR;
    }
    return NGX_CONF_OK;
}

void cm_forget(ngx_str_t *content) {
    if (content->data != NULL) {
        cmk_wipe(content->data, content->len);
        ngx_free(content->data);
    }
    ngx_str_null(content);
}

int32_t cm_algorithm(const ngx_str_t *name) {
    static const cm_word_t words[] = {
        {ngx_string("HS256"), CMK_HS256}, {ngx_string("HS384"), CMK_HS384},     {ngx_string("HS512"), CMK_HS512},
        {ngx_string("ES256"), CMK_ES256}, {ngx_string("ES384"), CMK_ES384},     {ngx_string("ES512"), CMK_ES512},
        {ngx_string("ES256K"), CMK_ES256K}, {ngx_string("RS256"), CMK_RS256},   {ngx_string("RS384"), CMK_RS384},
        {ngx_string("RS512"), CMK_RS512}, {ngx_string("PS256"), CMK_PS256},     {ngx_string("PS384"), CMK_PS384},
        {ngx_string("PS512"), CMK_PS512}, {ngx_string("EdDSA"), CMK_EDDSA},     {ngx_string("Ed25519"), CMK_EDDSA},
        {ngx_null_string, 0},
    };
    return cm_word(words, name);
}
