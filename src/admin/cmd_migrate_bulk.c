#include "admin/answer.h"
#include "admin/bulkfiles.h"
#include "admin/bulkimport.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONSOLIDATED "consolidated"

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
	bool ok = bulkimport_passphrase(in, &passphrase, e) &&
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
	bool ok = bulkimport_passphrase(in, &passphrase, e) &&
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

bool
run_migrate_import(struct invocation *in, struct err *e)
{
	const enum bulkcert_type *type;
	enum bulkcert_type named;
	json_t *rows;
	bool ok;

	if (!given_type(in, &named, &type, e) || !bulkimport_run(in, in->word[0], type, &rows, e))
		return false;
	if (in->json)
		output_json(rows);
	else
		bulkimport_print(rows);
	ok = bulkimport_all_taken(rows, e);
	json_decref(rows);
	return ok;
}
