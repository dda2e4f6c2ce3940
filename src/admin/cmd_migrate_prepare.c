#include "admin/answer.h"
#include "admin/bulkimport.h"
#include "admin/readfile.h"
#include "admin/sides.h"

#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* --- our signers, which the other cluster's TVS must vouch for --- */

/* What Unified CM calls the certificate: who signs files is CallManager, who signs lists alone is
 * ITLRecovery. */
static const char *
file_name(const struct moving *m, const struct moving_signer *signer)
{
	for (size_t i = 0; i < m->signers; i++)
		if (m->signer[i].function == FUNCTION_TFTP &&
		    span_eq(cert_der(m->signer[i].cert), cert_der(signer->cert)))
			return "CallManager.pem";
	return "ITLRecovery.pem";
}

/* G10: one certificate signs both. */
static bool
is_repeated(const struct moving *m, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (span_eq(cert_der(m->signer[i].cert), cert_der(m->signer[at].cert)))
			return true;
	return false;
}

static bool
write_one(const char *dir, const char *name, const struct cert *c, struct err *e)
{
	size_t n = strlen(dir) + strlen(name) + sizeof "/";
	char *path = mem_new(n, 1), *pem = cert_to_pem(c);
	bool ok;

	snprintf(path, n, "%s/%s", dir, name);
	ok = writefile(path, span_str(pem), WRITEFILE_PUBLIC, false, e);
	free(pem);
	free(path);
	return ok;
}

/* The certificates to upload there, written to --out when it is given. */
static bool
ours(struct invocation *in, const struct moving *m, json_t *rows, struct err *e)
{
	const char *dir = invocation_option(in, "out");

	if (dir != NULL && mkdir(dir, 0777) != 0 && errno != EEXIST)
		return err_sys(e, "cannot make %s", dir);
	for (size_t i = 0; i < m->signers; i++) {
		const struct cert *c = m->signer[i].cert;
		const char *name = file_name(m, &m->signer[i]);
		char *sha256;

		if (is_repeated(m, i))
			continue;
		sha256 = text_hex(cert_sha256(c));
		json_array_append_new(
		    rows, json_pack("{s:s, s:o, s:s, s:b}", "file", name, "subject",
			      output_string(span_str(cert_subject_cucm(c))), "sha256", sha256,
			      "known", m->signer[i].known));
		free(sha256);
		if (dir != NULL && !write_one(dir, name, c, e))
			return false;
	}
	return true;
}

/* --- their signers, which our TVS must vouch for --- */

static bool
store_has(const json_t *trusted, const char *store, const char *sha256)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)trusted, i, one)
	{
		const char *its = json_string_value(json_object_get(one, "store"));
		const char *hash = json_string_value(json_object_get(one, "sha256"));

		if (strcmp(its, store) == 0 && strcasecmp(hash, sha256) == 0)
			return true;
	}
	return false;
}

/* By what stands in the trust stores; verify asks TVS itself. */
static bool
theirs(struct invocation *in, const struct moving *m, json_t *rows, size_t *missing, struct err *e)
{
	json_t *trusted;

	*missing = 0;
	if (!client_call(in, "trust/list", json_object(), &trusted, e))
		return false;
	for (size_t i = 0; i < m->signers; i++) {
		const struct moving_signer *signer = &m->signer[i];
		char *sha256 = text_hex(cert_sha256(signer->cert));
		bool good = signer->known || store_has(trusted, "phone-sast-trust", sha256) ||
			    (signer->function == FUNCTION_TFTP &&
				store_has(trusted, "callmanager-trust", sha256));

		*missing += !good;
		json_array_append_new(
		    rows, json_pack("{s:s, s:o, s:s, s:b}", "signs", sides_signs(signer), "subject",
			      output_string(span_str(cert_subject_cucm(signer->cert))), "sha256",
			      sha256, "vouched", good));
		free(sha256);
	}
	json_decref(trusted);
	return true;
}

/* --- what is to be done, in its order --- */

static void
step(json_t *steps, json_t *text)
{
	if (text != NULL)
		json_array_append_new(steps, text);
}

static void
steps_there(const struct sides *s, json_t *steps)
{
	const char *when = s->from ? "Before any phone moves" : "For the way back";

	step(steps,
	    json_sprintf(
		"%s, in %s: Cisco Unified OS Administration, Security, Certificate Management: "
		"upload each of our certificates as CallManager-trust and as Phone-SAST-trust. Or "
		"all at once: sealtone migrate export into its SFTP directory, there Bulk "
		"Certificate Management: export TFTP, consolidate, import (fails into versions "
		"older than the exporting one: then one by one). If it is Sealtone: sealtone "
		"migrate import there.",
		when, s->other));
	step(steps,
	    json_sprintf("In %s: restart Cisco Trust Verification Service on all nodes. Sealtone "
			 "needs no restart.",
		s->other));
	step(steps,
	    json_sprintf("In %s: Prepare Cluster for Rollback must be False, and phones must hold "
			 "its full list.",
		s->other));
	if (s->them.ctl.n > 0)
		step(steps, json_sprintf(
				"In %s, which has a CTL: utils ctl update CTLFile puts our signers "
				"into it; reset the phones there once, and they know them without "
				"TVS.",
				s->other));
}

static void
steps_here(const struct sides *s, size_t missing, json_t *steps)
{
	if (missing > 0)
		step(steps,
		    json_sprintf("%s, here: sealtone migrate import with the certificates of those "
				 "who sign for %s (CallManager.pem of every TFTP node, "
				 "ITLRecovery.pem), or --certs.",
			s->from ? "For the way back" : "Before any phone moves", s->other));
}

static void
steps_move(const struct sides *s, json_t *steps)
{
	step(steps,
	    json_sprintf("sealtone migrate verify --%s %s: it must end with 0 before a phone is "
			 "moved.",
		s->from ? "from" : "to", s->other));
	if (s->from && s->them.ctl.n > 0 && s->us.ctl.n == 0)
		step(steps,
		    json_sprintf("Phones keep the CTL of %s where this cluster has none: set that "
				 "cluster non-secure, or erase it on the phones.",
			s->other));
	if (s->from) {
		step(steps,
		    json_sprintf("sealtone migrate move --from %s --csv FILE adds the phones here; "
				 "point option 150 here, reset a few, then the others; sealtone "
				 "migrate progress says who has come.",
			s->other));
		step(steps,
		    json_sprintf("Leave TVS of %s running until all have come: it is the one that "
				 "phones ask.",
			s->other));
	} else
		step(steps,
		    json_sprintf(
			"Add the phones in %s, point option 150 at it, reset a few, then the "
			"others; leave sealtoned running until all have gone: it is its TVS "
			"that phones ask.",
			s->other));
	step(steps,
	    json_string(
		"An LSC of the old CAPF is refused by the new cluster until the old CAPF "
		"certificate is trusted there; install new ones when the phones have come."));
}

/* --- prepare --- */

struct prepared {
	json_t *imported, *ours, *theirs, *steps; /* imported NULL: nothing was */
	size_t missing;                           /* of theirs */
};

static bool
prepare(struct invocation *in, const struct sides *s, struct prepared *p, struct err *e)
{
	const struct moving *us = s->from ? &s->moving : &s->back;
	const struct moving *them = s->from ? &s->back : &s->moving;
	const char *certs = invocation_option(in, "certs");

	if ((certs != NULL && !bulkimport_run(in, certs, NULL, &p->imported, e)) ||
	    !ours(in, us, p->ours, e) || !theirs(in, them, p->theirs, &p->missing, e))
		return false;
	if (!s->from)
		steps_here(s, p->missing, p->steps);
	steps_there(s, p->steps);
	if (s->from)
		steps_here(s, p->missing, p->steps);
	steps_move(s, p->steps);
	return true;
}

static void
print_steps(const json_t *steps)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)steps, i, one)
	{
		printf("%zu. ", i + 1);
		output_clean(stdout, json_string_value(one));
		putchar('\n');
	}
}

static void
print(const struct sides *s, const struct prepared *p)
{
	static const struct output_column our_columns[] = { { "UPLOAD", "file" },
		{ "SUBJECT", "subject" }, { "KNOWN BY RECORD", "known" }, { "SHA256", "sha256" },
		{ 0 } };
	static const struct output_column their_columns[] = { { "SIGNS", "signs" },
		{ "SUBJECT", "subject" }, { "VOUCHED FOR HERE", "vouched" }, { "SHA256", "sha256" },
		{ 0 } };

	if (p->imported != NULL) {
		bulkimport_print(p->imported);
		putchar('\n');
	}
	printf("Who signs for this cluster; TVS of %s must vouch for them\n", s->other);
	output_table(p->ours, our_columns);
	printf("\nWho signs for %s\n", s->other);
	output_table(p->theirs, their_columns);
	putchar('\n');
	print_steps(p->steps);
}

static bool
conclude(const struct sides *s, const struct prepared *p, struct err *e)
{
	if (p->imported != NULL && !bulkimport_all_taken(p->imported, e))
		return false;
	return s->from || p->missing == 0 ||
	       err_set(e, ERR_REFUSED,
		   "this cluster does not vouch yet for %zu who sign for %.60s: give their "
		   "certificates with --certs",
		   p->missing, s->other);
}

bool
run_migrate_prepare(struct invocation *in, struct err *e)
{
	struct prepared p = { NULL, json_array(), json_array(), json_array(), 0 };
	struct sides s;
	bool ok = sides_open(in, &s, e);

	if (ok) {
		ok = prepare(in, &s, &p, e);
		if (ok && in->json) {
			json_t *o = json_pack("{s:O?, s:O, s:O, s:O}", "imported", p.imported,
			    "ours", p.ours, "theirs", p.theirs, "steps", p.steps);

			output_json(o);
			json_decref(o);
		} else if (ok)
			print(&s, &p);
		ok = ok && conclude(&s, &p, e);
		sides_free(&s);
	}
	json_decref(p.imported);
	json_decref(p.ours);
	json_decref(p.theirs);
	json_decref(p.steps);
	return ok;
}
