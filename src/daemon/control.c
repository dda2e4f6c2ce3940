#include "daemon/control.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/commands.h"
#include "net/http_server.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BODY_MAX    (64 * 1024 * 1024) /* the largest import (command_phones_set.c) fits */
#define TIMEOUT_S   60
#define SOCKET_NAME "control.sock"
#define PREFIX      "/v1/"

struct control {
	struct core *core;
	struct http_server *http;
};

static void
reply_json(struct http_request *r, int status, json_t *body)
{
	static const char no_body[] =
	    "{\"ok\":false,\"error\":{\"code\":\"bug\",\"text\":\"the result is not JSON\"}}";
	char *text = json_dumps(body, JSON_COMPACT);

	http_reply(r, text != NULL ? status : 500, "application/json",
	    span_str(text != NULL ? text : no_body));
	free(text);
	json_decref(body);
}

static int
status_of(enum err_code code)
{
	switch (code) {
	case ERR_MALFORMED:
		return 400;
	case ERR_REFUSED:
		return 403;
	case ERR_UNKNOWN:
		return 404;
	case ERR_CONFLICT:
		return 409;
	case ERR_LIMIT:
		return 413;
	case ERR_AGAIN:
		return 503;
	default:
		return 500;
	}
}

static void
reply_error(struct http_request *r, const struct err *e)
{
	reply_json(r, status_of(e->code),
	    json_pack("{s:b, s:{s:s, s:o}}", "ok", 0, "error", "code", err_code_name(e->code),
		"text", json_text(e->text)));
}

/* The arguments: an object, or nothing. */
static json_t *
read_arguments(struct span body, struct err *e)
{
	json_error_t fault;
	json_t *args;

	if (body.n == 0)
		return json_object();
	args = json_loadb((const char *)body.p, body.n, JSON_REJECT_DUPLICATES, &fault);
	if (args == NULL)
		err_set(e, ERR_MALFORMED, "body is not JSON: line %d: %s", fault.line, fault.text);
	else if (!json_is_object(args)) {
		err_set(e, ERR_MALFORMED, "body is not a JSON object");
		json_decref(args);
		args = NULL;
	}
	return args;
}

static void
on_request(void *arg, struct http_request *r)
{
	struct control *c = arg;
	const char *path = http_request_path(r);
	json_t *args = NULL, *result = NULL;
	struct err e = { 0 };
	bool ok = false;

	if (strcmp(http_request_method(r), "POST") != 0)
		err_set(&e, ERR_MALFORMED, "commands are POST requests");
	else if (path == NULL || strncmp(path, PREFIX, strlen(PREFIX)) != 0)
		err_set(&e, ERR_UNKNOWN, "no such path; commands are below " PREFIX);
	else if ((args = read_arguments(http_request_body(r), &e)) != NULL)
		ok = commands_run(c->core, path + strlen(PREFIX), args, &result, &e);
	json_decref(args);
	if (ok)
		reply_json(r, 200, json_pack("{s:b, s:o}", "ok", 1, "result", result));
	else
		reply_error(r, &e);
}

/* In the cluster's folder, under a name of its own: a path of more than 107 characters is no
 * address. A socket left by a daemon that was killed is replaced; the store's lock says that nobody
 * else runs. */
static int
bind_socket(const char *dir, struct err *e)
{
	const struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = SOCKET_NAME };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old;
	bool ok;

	if (fd < 0 || chdir(dir) != 0) {
		err_sys(e, "cannot make the control socket in %s", dir);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	unlink(SOCKET_NAME);
	old = umask(0177);
	ok = bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, SOMAXCONN) == 0;
	umask(old);
	if (ok)
		return fd;
	err_sys(e, "cannot make the control socket %s/%s", dir, SOCKET_NAME);
	close(fd);
	return -1;
}

struct control *
control_open(struct core *core, struct err *e)
{
	struct control *c = mem_new(1, sizeof *c);
	const struct http_server_config config = {
		.body_max = BODY_MAX, .timeout_s = TIMEOUT_S, .request = on_request, .arg = c
	};
	int fd = bind_socket(cluster_conf(core->cluster)->dir, e);

	c->core = core;
	if (fd < 0) {
		free(c);
		return NULL;
	}
	c->http = http_server_new(core->base, &config);
	if (c->http == NULL || !http_server_listen(c->http, fd, e)) {
		close(fd);
		control_close(c);
		return NULL;
	}
	return c;
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	http_server_free(c->http);
	unlink(SOCKET_NAME); /* the working folder is still the cluster's */
	free(c);
}
