#include "admin/client.h"

#include "base/wr.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ANSWER_MAX (256 * 1024 * 1024)
#define PATH_SIZE  1200
#define TIMEOUT_S  600L /* an import or a change of all phones */

static size_t
collect(char *data, size_t size, size_t count, void *arg)
{
	struct wr *w = arg;

	wr_span(w, span_of(data, size * count));
	return wr_ok(w) ? size * count : 0;
}

/* The HTTP exchange; body is the answer's, whatever its status. */
static bool
exchange(const char *dir, const char *command, const char *args, struct wr *body, struct err *e)
{
	char socket_path[PATH_SIZE], url[200];
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_FAILED_INIT;

	snprintf(socket_path, sizeof socket_path, "%s/control.sock", dir);
	snprintf(url, sizeof url, "http://sealtone/v1/%s", command);
	if (curl != NULL && headers != NULL &&
	    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, args) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body) == CURLE_OK)
		code = curl_easy_perform(curl);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (code == CURLE_OK)
		return true;
	if (code == CURLE_COULDNT_CONNECT)
		return err_set(e, ERR_IO,
		    "no sealtoned answers at %s; start it: sealtoned --dir %s", socket_path, dir);
	return err_set(e, ERR_IO, "sealtoned at %s: %s", socket_path, curl_easy_strerror(code));
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
client_call(
    struct invocation *in, const char *command, json_t *args, json_t **result, struct err *e)
{
	char *text = json_dumps(args, JSON_COMPACT);
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
