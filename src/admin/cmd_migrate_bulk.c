#include "admin/answer.h"
#include "admin/bulkfiles.h"
#include "admin/passphrase.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONSOLIDATED "consolidated"

/* Public certificates need none; SEALTONE_PASSPHRASE is the backup's. */
static bool
bundle_passphrase(const struct invocation *in, struct bytes *out, struct err *e)
{
	*out = (struct bytes){ 0 };
	return invocation_option(in, "passphrase-file") == NULL || passphrase_get(in, out, e);
}

/* --- export --- */

/* The active certificates of a purpose, of every server. */
static bool
add_own(struct invocation *in, enum purpose purpose, struct bulkfiles *b, struct err *e)
{
	json_t *certs, *one;
	bool ok = true;
	size_t i;

	if (!client_call(
		in, "cert/show", json_pack("{s:s}", "purpose", purpose_name(purpose)), &certs, e))
		return false;
	json_array_foreach(certs, i, one)
	{
		const char *pem = json_string_value(json_object_get(one, "pem"));
		const char *node = json_string_value(json_object_get(one, "node"));
		struct cert *c;

		if (!json_is_true(json_object_get(one, "active")) || pem == NULL)
			continue;
		c = cert_from_pem(span_str(pem), e);
		ok = ok && c != NULL;
		if (c != NULL)
			bulkfiles_add(b, "", bulkcert_type_of_purpose(purpose), c, node, NULL);
	}
	json_decref(certs);
	return ok || err_in(e, "%s", purpose_name(purpose));
}

/* One row of what was written. */
static json_t *
written(const char *path, const char *type, size_t count)
{
	return json_pack(
	    "{s:s, s:s, s:I}", "file", path, "type", type, "certificates", (json_int_t)count);
}

/* A file for each type that there is. */
static bool
write_types(const struct bulkfiles *b, struct span passphrase, const char *dir, const char *whose,
    json_t *rows, struct err *e)
{
	for (int t = 0; t < BULKCERT_TYPES; t++) {
		enum bulkcert_type type = (enum bulkcert_type)t;
		char *path = bulkfiles_path(dir, type, whose);
		size_t count;
		bool ok = bulkfiles_write(b, &type, passphrase, path, &count, e);

		if (ok && count > 0)
			json_array_append_new(rows, written(path, bulkcert_type_name(type), count));
		free(path);
		if (!ok)
			return false;
	}
	return true;
}

static bool
write_own(const struct bulkfiles *b, struct span passphrase, const char *to, const char *node,
    json_t *rows, struct err *e)
{
	size_t count;

	if (bulkfiles_is_p12(to)) {
		if (!bulkfiles_write(b, NULL, passphrase, to, &count, e))
			return false;
		json_array_append_new(rows, written(to, "all", count));
		return true;
	}
	if (mkdir(to, 0777) != 0 && errno != EEXIST)
		return err_sys(e, "cannot make %s", to);
	return write_types(b, passphrase, to, node, rows, e);
}

static void
print_written(const struct invocation *in, const json_t *rows)
{
	static const struct output_column columns[] = { { "FILE", "file" }, { "TYPE", "type" },
		{ "CERTIFICATES", "certificates" }, { 0 } };

	if (in->json)
		output_json(rows);
	else
		output_table(rows, columns);
}

bool
run_migrate_export(struct invocation *in, struct err *e)
{
	struct bulkfiles b = { 0 };
	struct bytes passphrase;
	json_t *status = NULL, *rows = json_array();
	bool ok = bundle_passphrase(in, &passphrase, e) &&
		  client_call(in, "status", json_object(), &status, e);

	for (int p = 0; ok && p < PURPOSE_COUNT; p++)
		ok = add_own(in, (enum purpose)p, &b, e);
	ok = ok && write_own(&b, bytes_span(&passphrase), in->word[0],
		       json_string_value(json_object_get(status, "node")), rows, e);
	if (ok)
		print_written(in, rows);
	json_decref(rows);
	json_decref(status);
	bulkfiles_free(&b);
	bytes_wipe(&passphrase);
	return ok;
}

/* --- consolidate --- */

static bool
is_whole(const struct bulkfiles *b, struct err *e)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->item[i].fault != NULL)
			return err_set(
			    e, ERR_MALFORMED, "%s: %s", b->item[i].source, b->item[i].fault);
	return true;
}

bool
run_migrate_consolidate(struct invocation *in, struct err *e)
{
	const char *dir = in->word[0];
	struct bulkfiles b = { 0 };
	struct bytes passphrase;
	json_t *rows = json_array();
	bool ok = bundle_passphrase(in, &passphrase, e) &&
		  bulkfiles_read(dir, bytes_span(&passphrase), NULL, &b, e) && is_whole(&b, e) &&
		  write_types(&b, bytes_span(&passphrase), dir, CONSOLIDATED, rows, e);

	if (ok)
		print_written(in, rows);
	json_decref(rows);
	bulkfiles_free(&b);
	bytes_wipe(&passphrase);
	return ok;
}

/* --- import --- */

static json_t *
certificates_json(const struct bulkfiles *b)
{
	json_t *all = json_array();

	for (size_t i = 0; i < b->count; i++) {
		char *pem;

		if (b->item[i].cert == NULL)
			continue;
		pem = cert_to_pem(b->item[i].cert);
		json_array_append_new(all, json_pack("{s:s, s:s}", "type",
					       bulkcert_type_name(b->item[i].type), "pem", pem));
		free(pem);
	}
	return all;
}

/* The daemon's verdicts with the files they came from, and those on files without certificates. */
static json_t *
verdicts_of(const struct bulkfiles *b, const json_t *judged)
{
	json_t *rows = json_array(), *row;
	size_t next = 0;

	for (size_t i = 0; i < b->count; i++) {
		if (b->item[i].cert == NULL)
			row = json_pack("{s:n, s:o, s:n, s:s, s:[], s:o}", "type", "subject",
			    output_string(span_str(b->item[i].whose)), "sha256", "outcome",
			    "refused", "stores", "reason",
			    output_string(span_str(b->item[i].fault)));
		else
			row = json_incref(json_array_get(judged, next++));
		json_object_set_new(row, "file", output_string(span_str(b->item[i].source)));
		json_array_append_new(rows, row);
	}
	return rows;
}

static bool
report(const struct invocation *in, const json_t *rows, struct err *e)
{
	static const struct output_column columns[] = { { "FILE", "file" }, { "TYPE", "type" },
		{ "SUBJECT", "subject" }, { "OUTCOME", "outcome" }, { "INTO", "stores" },
		{ "REASON", "reason" }, { 0 } };
	size_t refused = 0, i;
	json_t *row;

	if (in->json)
		output_json(rows);
	else
		output_table(rows, columns);
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) refused +=
	    strcmp(json_string_value(json_object_get(row, "outcome")), "refused") == 0;
	return refused == 0 || err_set(e, ERR_REFUSED, "%zu of %zu certificates were not taken",
				   refused, json_array_size(rows));
}

static bool
given_type(
    struct invocation *in, enum bulkcert_type *type, const enum bulkcert_type **out, struct err *e)
{
	const char *name = invocation_option(in, "type");

	*out = name != NULL ? type : NULL;
	return name == NULL || bulkcert_type_from_name(name, type) ||
	       invocation_usage(in, e,
		   "--type takes CallManager, CallManager-ECDSA, ITLRecovery, CAPF, TVS or tomcat");
}

static bool
send(struct invocation *in, const struct bulkfiles *b, struct err *e)
{
	json_t *certs = certificates_json(b), *judged = NULL, *rows;
	bool ok = true;

	if (json_array_size(certs) == 0)
		json_decref(certs);
	else
		ok = client_call(in, "migrate/import",
		    json_pack("{s:o, s:b}", "certificates", certs, "dry_run",
			invocation_option(in, "dry-run") != NULL),
		    &judged, e);
	if (!ok)
		return false;
	rows = verdicts_of(b, judged);
	ok = report(in, rows, e);
	json_decref(rows);
	json_decref(judged);
	return ok;
}

bool
run_migrate_import(struct invocation *in, struct err *e)
{
	const enum bulkcert_type *type;
	enum bulkcert_type named;
	struct bulkfiles b = { 0 };
	struct bytes passphrase = { 0 };
	bool ok = given_type(in, &named, &type, e) && bundle_passphrase(in, &passphrase, e) &&
		  bulkfiles_read(in->word[0], bytes_span(&passphrase), type, &b, e) &&
		  send(in, &b, e);

	bulkfiles_free(&b);
	bytes_wipe(&passphrase);
	return ok;
}
