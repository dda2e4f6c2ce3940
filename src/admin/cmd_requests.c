#include "admin/answer.h"
#include "admin/listing.h"
#include "admin/readfile.h"

#include "pki/cert.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PORTION 200 /* certificates of one call */
#define BEGIN   "-----BEGIN CERTIFICATE-----"
#define END     "-----END CERTIFICATE-----"

/* --- requests --- */

bool
run_capf_csr_list(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "STATE", "state" },
		{ "MADE", "made" },
		{ "CHANGED", "changed" },
		{ "KEY SHA-256", "key_sha256" },
		{ 0 },
	};
	json_t *args = json_object();

	if (!answer_pass(args, "state", invocation_option(in, "state"), e)) {
		json_decref(args);
		return false;
	}
	return listing_print(in, "capf/csr-list", args, columns, e);
}

bool
run_capf_csr_forget(struct invocation *in, struct err *e)
{
	static const char *const fields[] = { "forgotten", NULL };

	return answer_fields(in, "capf/csr-forget", json_object(), fields, e);
}

/* --- the batch that goes out --- */

static bool
is_empty(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *one;
	size_t count = 0;

	while (d != NULL && (one = readdir(d)) != NULL)
		count += strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0;
	if (d != NULL)
		closedir(d);
	return d != NULL && count == 0;
}

/* What lies there from before would be signed once more. */
static bool
make_folder(const char *path, struct err *e)
{
	if (mkdir(path, 0777) == 0)
		return true;
	if (errno != EEXIST)
		return err_sys(e, "cannot make %s", path);
	return is_empty(path) || err_set(e, ERR_CONFLICT, "%s: is not an empty folder", path);
}

static bool
write_part(
    const char *dir, const json_t *request, const char *member, const char *suffix, struct err *e)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	const char *text = json_string_value(json_object_get(request, member));
	char path[PATH_MAX];

	if (name == NULL || text == NULL || strchr(name, '/') != NULL)
		return err_set(e, ERR_MALFORMED, "the daemon's answer has no %s", member);
	if ((size_t)snprintf(path, sizeof path, "%s/%s%s", dir, name, suffix) >= sizeof path)
		return err_set(e, ERR_LIMIT, "%s: name too long", dir);
	return writefile(path, span_str(text), WRITEFILE_PUBLIC, true, e);
}

static bool
write_page(const char *dir, const json_t *requests, struct err *e)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)requests, i, one)
	{
		if (!write_part(dir, one, "pem", ".csr", e) ||
		    !write_part(dir, one, "public_key", ".pub", e))
			return false;
	}
	return true;
}

bool
run_capf_csr_dump(struct invocation *in, struct err *e)
{
	const char *dir = in->word[0];
	json_t *args, *page;
	size_t count = 0;
	bool ok = make_folder(dir, e);

	args = json_pack("{s:s, s:b, s:s}", "state", "waiting", "pem", 1, "after", "");
	while (ok && json_is_string(json_object_get(args, "after"))) {
		ok = client_call(in, "capf/csr-list", json_incref(args), &page, e);
		if (!ok)
			break;
		ok = write_page(dir, json_object_get(page, "phones"), e);
		count += json_array_size(json_object_get(page, "phones"));
		json_object_set(args, "after", json_object_get(page, "next"));
		json_decref(page);
	}
	json_decref(args);
	if (!ok)
		return false;
	if (in->json)
		printf("{\"requests\": %zu}\n", count);
	else
		printf("%zu requests written to %s\n", count, dir);
	return true;
}

/* --- the certificates that come back --- */

struct import {
	struct invocation *in;
	json_t *portion, *verdicts;
};

static bool
send_portion(struct import *im, struct err *e)
{
	json_t *verdicts;

	if (json_array_size(im->portion) == 0)
		return true;
	if (!client_call(im->in, "capf/cert-import",
		json_pack("{s:O}", "certificates", im->portion), &verdicts, e))
		return false;
	json_array_extend(im->verdicts, verdicts);
	json_decref(verdicts);
	json_array_clear(im->portion);
	return true;
}

static bool
take(struct import *im, const char *pem, size_t n, struct err *e)
{
	if (json_array_append_new(im->portion, json_stringn(pem, n)) != 0)
		return err_set(e, ERR_MALFORMED, "certificate %zu is no text",
		    json_array_size(im->verdicts) + json_array_size(im->portion) + 1);
	return json_array_size(im->portion) < PORTION || send_portion(im, e);
}

static bool
take_der(struct import *im, struct span der, struct err *e)
{
	struct cert *c = cert_parse(der, NULL);
	char *pem;
	bool ok;

	if (c == NULL)
		return err_set(e, ERR_MALFORMED, "holds no certificate, in PEM or DER");
	pem = cert_to_pem(c);
	ok = take(im, pem, strlen(pem), e);
	free(pem);
	cert_free(c);
	return ok;
}

static bool
take_file(struct import *im, const char *path, struct err *e)
{
	struct bytes file;
	const char *at, *end;
	bool ok = true, any = false;

	if (!readfile(path, &file, e))
		return false;
	at = (const char *)file.p;
	end = at + file.n;
	while (ok && (at = memmem(at, (size_t)(end - at), BEGIN, strlen(BEGIN))) != NULL) {
		const char *stop = memmem(at, (size_t)(end - at), END, strlen(END));

		any = true;
		stop = stop != NULL ? stop + strlen(END) : end;
		ok = take(im, at, (size_t)(stop - at), e);
		at = stop;
	}
	if (ok && !any)
		ok = take_der(im, bytes_span(&file), e);
	bytes_free(&file);
	return ok || err_in(e, "%s", path);
}

static size_t
count_taken(const json_t *verdicts)
{
	size_t taken = 0, i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)verdicts, i, one)
	{
		const char *outcome = json_string_value(json_object_get(one, "outcome"));

		taken += outcome != NULL &&
			 (strcmp(outcome, "taken") == 0 || strcmp(outcome, "already") == 0);
	}
	return taken;
}

static bool
report(struct import *im, struct err *e)
{
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "OUTCOME", "outcome" },
		{ "SERIAL", "serial" },
		{ "SUBJECT", "subject" },
		{ "REASON", "reason" },
		{ 0 },
	};
	size_t all = json_array_size(im->verdicts), taken = count_taken(im->verdicts);

	if (im->in->json)
		output_json(im->verdicts);
	else
		output_table(im->verdicts, columns);
	return taken == all ||
	       err_set(e, ERR_REFUSED, "%zu of %zu certificates were not taken", all - taken, all);
}

bool
run_capf_cert_import(struct invocation *in, struct err *e)
{
	struct import im = { .in = in, .portion = json_array(), .verdicts = json_array() };
	bool ok = true;

	for (size_t i = 0; ok && i < in->words; i++)
		ok = take_file(&im, in->word[i], e);
	ok = ok && send_portion(&im, e) && report(&im, e);
	json_decref(im.portion);
	json_decref(im.verdicts);
	return ok;
}
