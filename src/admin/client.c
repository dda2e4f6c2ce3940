#include "admin/client.h"

#include "admin/afterwards.h"
#include "admin/cmd_plan.h"
#include "base/wr.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME     "control.sock"
#define SOCKET_PATH_MAX sizeof((struct sockaddr_un *)0)->sun_path
#define ANSWER_MAX      (256 * 1024 * 1024)
#define TIMEOUT_S       600L /* an import or a change of all phones */

static size_t
collect(char *data, size_t size, size_t count, void *arg)
{
	struct wr *w = arg;

	wr_span(w, span_of(data, size * count));
	return wr_ok(w) ? size * count : 0;
}

/* The address of the daemon's socket. A path that is too long for one is reached through the open
 * folder, *folder, else -1. */
static bool
socket_path(const char *dir, char at[SOCKET_PATH_MAX], int *folder, struct err *e)
{
	*folder = -1;
	if ((size_t)snprintf(at, SOCKET_PATH_MAX, "%s/%s", dir, SOCKET_NAME) < SOCKET_PATH_MAX)
		return true;
	*folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return err_sys(e, "cannot open %s", dir);
	snprintf(at, SOCKET_PATH_MAX, "/proc/self/fd/%d/%s", *folder, SOCKET_NAME);
	return true;
}

static bool
no_answer(CURLcode code, long os_error, const char *dir, struct err *e)
{
	if (code != CURLE_COULDNT_CONNECT)
		return err_set(e, ERR_IO, "sealtoned of %s: %s", dir, curl_easy_strerror(code));
	if (os_error == EACCES || os_error == EPERM)
		return err_set(e, ERR_REFUSED,
		    "%s/%s belongs to another user: run this as the one who runs sealtoned, or as "
		    "root",
		    dir, SOCKET_NAME);
	return err_set(e, ERR_IO, "no sealtoned answers at %s/%s; start it: sealtoned --dir %s",
	    dir, SOCKET_NAME, dir);
}

/* The HTTP exchange; body is the answer's, whatever its status. */
static bool
exchange(const char *dir, const char *command, const char *args, struct wr *body, struct err *e)
{
	char at[SOCKET_PATH_MAX], url[200];
	struct curl_slist *headers;
	CURLcode code = CURLE_FAILED_INIT;
	long os_error = 0;
	int folder;
	CURL *curl;

	if (!socket_path(dir, at, &folder, e))
		return false;
	snprintf(url, sizeof url, "http://sealtone/v1/%s", command);
	headers = curl_slist_append(NULL, "Content-Type: application/json");
	curl = curl_easy_init();
	if (curl != NULL && headers != NULL &&
	    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, at) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, args) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body) == CURLE_OK)
		code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (folder >= 0)
		close(folder);
	return code == CURLE_OK || no_answer(code, os_error, dir, e);
}

static bool
read_answer(struct span body, json_t **result, struct err *e)
{
	json_error_t fault;
	json_t *answer = json_loadb((const char *)body.p, body.n, JSON_REJECT_DUPLICATES, &fault);
	const char *code = "bug", *text = "no reason given";
	bool ok;

	if (answer == NULL)
		return err_set(e, ERR_IO, "sealtoned's answer is not JSON: %s", fault.text);
	ok = json_is_true(json_object_get(answer, "ok"));
	if (ok) {
		*result = json_incref(json_object_get(answer, "result"));
	} else {
		(void)json_unpack(answer, "{s:{s:s, s:s}}", "error", "code", &code, "text", &text);
		err_set(e, err_code_from_name(code), "%s", text);
	}
	json_decref(answer);
	return ok;
}

bool
client_ask(struct invocation *in, const char *command, json_t *args, json_t **result, struct err *e)
{
	char *text = json_dumps(args, JSON_COMPACT); /* NULL: so was args, or a part of it */
	struct wr body = wr_new(ANSWER_MAX);
	bool ok;

	json_decref(args);
	if (text == NULL)
		return err_set(e, ERR_MALFORMED, "an argument is not UTF-8");
	if (in->dir == NULL)
		ok = invocation_usage(in, e, "no cluster: give --dir DIR or set SEALTONE_DIR");
	else
		ok = exchange(in->dir, command, text, &body, e) &&
		     read_answer(wr_view(&body), result, e);
	free(text);
	wr_free(&body);
	return ok;
}

/* The command is not run, and has no result: its caller is told that it failed. */
static bool
plan(struct invocation *in, const char *command, json_t *args, struct err *e)
{
	char *said = invocation_text(in);
	json_t *result;
	bool ok = client_ask(in, "plan",
	    json_pack("{s:s, s:o, s:b, s:s}", "command", command, "args", args, "names",
		invocation_names(in), "said", said),
	    &result, e);

	free(said);
	if (!ok)
		return false;
	if (!afterwards_plan(in, result, e)) {
		json_decref(result);
		return false;
	}
	(void)plan_print(in, result, e);
	json_decref(result);
	return false;
}

bool
client_call(
    struct invocation *in, const char *command, json_t *args, json_t **result, struct err *e)
{
	if (in->plan)
		return plan(in, command, args, e);
	if (in->force != NULL)
		json_object_set_new(args, "force", json_string(in->force));
	return client_ask(in, command, args, result, e);
}
