#include "admin/listing.h"
#include "admin/passphrase.h"
#include "admin/readfile.h"

#include "base/mem.h"
#include "base/wr.h"
#include "pki/p12.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 24 /* " (N)" */

/* The bundle that is being made, in one of two forms, and what is in it. */
struct bundle {
	struct wr pem;
	struct p12 *p12; /* NULL: PEM */
	bool issuers_only;
	json_t *issuers;                         /* SHA-256 of those that the LSCs have, in hex */
	json_int_t phones, lscs, chain, orphans; /* orphans: LSCs whose issuer is not here */
};

/* --- one certificate --- */

/* The second one of a name and so on get a number: programs know certificates by name. In one line.
 * Owned by the caller. */
static char *
full_name(const char *name, size_t nth)
{
	size_t n = strlen(name);
	char *full = mem_new(n + NUMBER_MAX, 1);

	memcpy(full, name, n);
	for (size_t i = 0; i < n; i++)
		if (iscntrl((unsigned char)full[i]))
			full[i] = '?';
	if (nth > 1)
		snprintf(full + n, NUMBER_MAX, " (%zu)", nth);
	return full;
}

static bool
add_to_pem(struct bundle *b, const char *name, const char *expires, const char *pem, struct err *e)
{
	wr_text(&b->pem, "# ");
	wr_text(&b->pem, name);
	wr_text(&b->pem, ", expires ");
	wr_text(&b->pem, expires);
	wr_text(&b->pem, "\n");
	wr_text(&b->pem, pem);
	return wr_ok(&b->pem) || err_set(e, ERR_LIMIT, "more than %lu MB", READFILE_MAX >> 20);
}

static bool
add(struct bundle *b, const char *name, size_t nth, const json_t *one, struct err *e)
{
	const char *pem = json_string_value(json_object_get(one, "pem"));
	char *full;
	bool ok;

	if (pem == NULL)
		return err_set(e, ERR_MALFORMED, "sealtoned's answer has no certificate");
	full = full_name(name, nth);
	if (b->p12 != NULL)
		ok = p12_add(b->p12, span_str(pem), full, e);
	else
		ok = add_to_pem(b, full, output_text(json_object_get(one, "expires")), pem, e);
	free(full);
	return ok;
}

/* --- LSCs --- */

static void
note_issuer(struct bundle *b, const json_t *lsc)
{
	const char *sha256 = json_string_value(json_object_get(lsc, "issuer"));

	b->lscs++;
	if (sha256 != NULL)
		json_object_set_new(b->issuers, sha256, json_true());
	else
		b->orphans++;
}

static bool
add_phone(struct bundle *b, const json_t *phone, struct err *e)
{
	const char *name = json_string_value(json_object_get(phone, "name"));
	size_t i;
	json_t *lsc;

	b->phones++;
	json_array_foreach(json_object_get(phone, "lscs"), i, lsc)
	{
		note_issuer(b, lsc);
		if (!b->issuers_only && !add(b, name != NULL ? name : "phone", i + 1, lsc, e))
			return false;
	}
	return true;
}

static bool
add_page(struct bundle *b, const json_t *phones, struct err *e)
{
	size_t i;
	json_t *phone;

	json_array_foreach((json_t *)(uintptr_t)phones, i, phone)
	{
		if (!add_phone(b, phone, e))
			return false;
	}
	return true;
}

/* args is taken over. */
static bool
add_lscs(struct invocation *in, struct bundle *b, json_t *args, struct err *e)
{
	json_t *page;
	bool ok;

	do {
		ok = client_call(in, "capf/export", json_incref(args), &page, e);
		if (!ok)
			break;
		ok = add_page(b, json_object_get(page, "phones"), e);
		json_object_set(args, "after", json_object_get(page, "next"));
		json_decref(page);
	} while (ok && json_is_string(json_object_get(args, "after")));
	json_decref(args);
	return ok;
}

/* --- their issuers --- */

static const char *
subject_of(const json_t *cert)
{
	const char *subject = json_string_value(json_object_get(cert, "subject"));

	return subject != NULL ? subject : "";
}

static size_t
nth_of_subject(const json_t *certs, size_t at)
{
	const char *subject = subject_of(json_array_get(certs, at));
	size_t nth = 1;

	for (size_t i = 0; i < at; i++)
		nth += strcmp(subject_of(json_array_get(certs, i)), subject) == 0;
	return nth;
}

static bool
add_chains(struct invocation *in, struct bundle *b, struct err *e)
{
	json_t *wanted = json_array(), *certs, *one;
	const char *sha256;
	size_t i;
	bool ok = true;

	json_object_foreach(b->issuers, sha256, one)
	    json_array_append_new(wanted, json_string(sha256));
	if (!client_call(in, "capf/chains", json_pack("{s:o}", "issuers", wanted), &certs, e))
		return false;
	for (i = 0; ok && i < json_array_size(certs); i++, b->chain++) {
		one = json_array_get(certs, i);
		ok = add(b, subject_of(one), nth_of_subject(certs, i), one, e);
	}
	json_decref(certs);
	return ok;
}

/* --- the file --- */

static bool
write_p12(const struct bundle *b, const struct invocation *in, const char *out, struct err *e)
{
	struct bytes passphrase, file;
	bool ok;

	if (!passphrase_get(in, &passphrase, e))
		return false;
	ok = p12_write(b->p12, bytes_span(&passphrase), &file, e);
	bytes_wipe(&passphrase);
	if (!ok)
		return false;
	ok = writefile(out, bytes_span(&file), WRITEFILE_PUBLIC, false, e);
	bytes_free(&file);
	return ok;
}

static bool
write_bundle(const struct bundle *b, const struct invocation *in, const char *out, struct err *e)
{
	if (b->lscs == 0)
		return err_set(e, ERR_UNKNOWN, "no phone that is meant has an LSC");
	if (b->p12 != NULL)
		return write_p12(b, in, out, e);
	return writefile(out, wr_view(&b->pem), WRITEFILE_PUBLIC, false, e);
}

/* What went into a file; standard output is the bundle's alone. */
static void
say_what(const struct bundle *b, const struct invocation *in, const char *out)
{
	static const char *const fields[] = { "phones", "lscs", "issuers", "without_issuer", NULL };
	json_t *said = json_pack("{s:I, s:I, s:I, s:I}", "phones", b->phones, "lscs", b->lscs,
	    "issuers", b->chain, "without_issuer", b->orphans);

	if (strcmp(out, "-") != 0 && in->json)
		output_json(said);
	else if (strcmp(out, "-") != 0)
		output_fields(said, fields);
	json_decref(said);
}

bool
run_capf_export(struct invocation *in, struct err *e)
{
	const char *out = invocation_option(in, "out");
	const bool is_p12 = invocation_option(in, "pkcs12") != NULL;
	struct bundle b = { .pem = wr_new(READFILE_MAX),
		.issuers_only = invocation_option(in, "issuers-only") != NULL };
	json_t *args;
	bool ok;

	out = out != NULL ? out : "-";
	if (in->json && strcmp(out, "-") == 0)
		return invocation_usage(in, e, "--json says what went into the file of --out");
	if (!is_p12 && invocation_option(in, "passphrase-file") != NULL)
		return invocation_usage(in, e, "--passphrase-file goes with --pkcs12");
	args = listing_args(in, e);
	if (args == NULL || (is_p12 && (b.p12 = p12_new(e)) == NULL)) {
		json_decref(args);
		return false;
	}
	b.issuers = json_object();
	ok = add_lscs(in, &b, args, e) && add_chains(in, &b, e) && write_bundle(&b, in, out, e);
	if (ok)
		say_what(&b, in, out);
	json_decref(b.issuers);
	p12_free(b.p12);
	wr_free(&b.pem);
	return ok;
}
