#include "admin/bulkimport.h"

#include "admin/bulkfiles.h"
#include "admin/client.h"
#include "admin/output.h"
#include "admin/passphrase.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool
bulkimport_passphrase(const struct invocation *in, struct bytes *out, struct err *e)
{
	*out = (struct bytes){ 0 };
	return invocation_option(in, "passphrase-file") == NULL || passphrase_get(in, out, e);
}

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
send(struct invocation *in, const struct bulkfiles *b, json_t **rows, struct err *e)
{
	json_t *certs = certificates_json(b), *judged = NULL;

	if (json_array_size(certs) == 0)
		json_decref(certs);
	else if (!client_call(in, "migrate/import",
		     json_pack("{s:o, s:b}", "certificates", certs, "dry_run",
			 invocation_option(in, "dry-run") != NULL),
		     &judged, e))
		return false;
	*rows = verdicts_of(b, judged);
	json_decref(judged);
	return true;
}

bool
bulkimport_run(struct invocation *in, const char *path, const enum bulkcert_type *type,
    json_t **rows, struct err *e)
{
	struct bulkfiles b = { 0 };
	struct bytes passphrase;
	bool ok = bulkimport_passphrase(in, &passphrase, e) &&
		  bulkfiles_read(path, bytes_span(&passphrase), type, &b, e) &&
		  send(in, &b, rows, e);

	bulkfiles_free(&b);
	bytes_wipe(&passphrase);
	return ok;
}

void
bulkimport_print(const json_t *rows)
{
	static const struct output_column columns[] = { { "FILE", "file" }, { "TYPE", "type" },
		{ "SUBJECT", "subject" }, { "OUTCOME", "outcome" }, { "INTO", "stores" },
		{ "REASON", "reason" }, { 0 } };

	output_table(rows, columns);
}

bool
bulkimport_all_taken(const json_t *rows, struct err *e)
{
	size_t refused = 0, i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row) refused +=
	    strcmp(json_string_value(json_object_get(row, "outcome")), "refused") == 0;
	return refused == 0 || err_set(e, ERR_REFUSED, "%zu of %zu certificates were not taken",
				   refused, json_array_size(rows));
}
