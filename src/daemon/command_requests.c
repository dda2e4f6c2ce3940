#include "daemon/commands.h"

#include "daemon/core_lsc.h"
#include "daemon/core_request.h"
#include "pki/csr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MAX 200 /* requests of one answer */

/* --- requests out --- */

struct page {
	struct core *core;
	const char *state; /* "": any */
	bool with_pem;
	json_t *requests;
	int64_t last;
	size_t looked_at;
	struct err *e;
	bool failed;
};

static bool
add_pem(struct page *p, const struct store_request *r, json_t *one)
{
	struct signer_lsc lsc = { .device = r->device, .spki = bytes_span(&r->spki) };
	struct bytes csr = { 0 }, key = { 0 };
	bool ok;

	core_lsc_subject(&lsc, cluster_conf(p->core->cluster));
	ok = csr_for_phone(&lsc, &csr, p->e) && csr_public_key(lsc.spki, &key, p->e);
	if (ok) {
		json_object_set_new(one, "pem", json_stringn((const char *)csr.p, csr.n));
		json_object_set_new(one, "public_key", json_stringn((const char *)key.p, key.n));
	}
	bytes_free(&csr);
	bytes_free(&key);
	return ok;
}

static bool
add_request(void *arg, const struct store_request *r)
{
	struct page *p = arg;
	const char *state = store_request_state_name(r->state);
	json_t *one;

	p->looked_at++;
	p->last = r->id;
	if (p->state[0] != '\0' && strcmp(p->state, state) != 0)
		return true;
	one = json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", r->device, "state", state, "made",
	    json_time(r->made), "changed", json_time(r->changed), "key_sha256",
	    json_hex(bytes_span(&r->key_hash)));
	json_array_append_new(p->requests, one);
	p->failed = p->with_pem && !add_pem(p, r, one);
	return !p->failed;
}

static bool
state_check(const char *state, struct err *e)
{
	for (int i = STORE_REQUEST_WAITING; i <= STORE_REQUEST_STALE; i++)
		if (strcmp(state, store_request_state_name((enum store_request_state)i)) == 0)
			return true;
	return state[0] == '\0' ||
	       err_set(e, ERR_MALFORMED, "state \"%.20s\": waiting, signed or stale", state);
}

bool
command_capf_requests(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct page p = { .core = c,
		.state = args_text(args, "state"),
		.with_pem = json_is_true(json_object_get(args, "pem")),
		.e = e };
	char next[24];

	if (!state_check(p.state, e))
		return false;
	p.requests = json_array();
	if (!store_request_each(cluster_store(c->cluster),
		strtoll(args_text(args, "after"), NULL, 10), PAGE_MAX, add_request, &p, e) ||
	    p.failed) {
		json_decref(p.requests);
		return false;
	}
	snprintf(next, sizeof next, "%" PRId64, p.last);
	*result = json_pack("{s:o, s:o}", "phones", p.requests, "next",
	    p.looked_at == PAGE_MAX ? json_string(next) : json_null());
	return true;
}

bool
command_capf_requests_forget(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	size_t count;

	(void)args;
	if (!store_request_forget(cluster_store(c->cluster), &count, e))
		return false;
	core_audit(c, "admin", "requests-forgotten", "", "%zu stale", count);
	*result = json_pack("{s:I}", "forgotten", (json_int_t)count);
	return true;
}

/* --- certificates in --- */

/* cert NULL: it could not be read. */
static json_t *
verdict_json(const struct cert *cert, const struct core_request_verdict *v)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "outcome",
	    core_request_outcome_name(v->outcome), "name", v->device, "subject",
	    cert != NULL ? json_text(cert_subject_cucm(cert)) : json_null(), "serial",
	    cert != NULL ? json_hex(cert_serial(cert)) : json_null(), "reason", json_text(v->text));
}

/* One that cannot be read is refused like one that does not fit; the others are taken. */
static bool
take_one(struct core *c, const char *pem, json_t *verdicts, struct err *e)
{
	struct core_request_verdict v = { .outcome = CORE_REQUEST_REFUSED };
	struct err why = { 0 };
	struct cert *cert = cert_from_pem(span_str(pem), &why);
	bool ok = cert == NULL || core_request_take(c, cert, &v, e);

	if (cert == NULL)
		snprintf(v.text, sizeof v.text, "%s", why.text);
	if (ok)
		json_array_append_new(verdicts, verdict_json(cert, &v));
	cert_free(cert);
	return ok;
}

struct batch {
	struct core *core;
	const json_t *certificates;
	json_t *verdicts;
};

/* In one transaction: a commit costs more than all that is judged. */
static bool
take_all(struct store *s, void *arg, struct err *e)
{
	struct batch *b = arg;
	json_t *one;
	size_t i;

	(void)s;
	json_array_foreach((json_t *)(uintptr_t)b->certificates, i, one)
	{
		if (!json_is_string(one))
			return err_set(e, ERR_MALFORMED, "certificates: expected texts");
		if (!take_one(b->core, json_string_value(one), b->verdicts, e))
			return err_in(e, "certificate %zu", i + 1);
	}
	return true;
}

bool
command_capf_cert_import(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct batch b = { c, json_object_get(args, "certificates"), json_array() };

	if (store_change(cluster_store(c->cluster), take_all, &b, e)) {
		*result = b.verdicts;
		return true;
	}
	json_decref(b.verdicts);
	return false;
}
