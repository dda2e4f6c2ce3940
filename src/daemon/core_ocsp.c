#include "daemon/core_ocsp.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cluster/cluster_import.h"
#include "daemon/askbudget.h"
#include "daemon/filecache.h"
#include "pki/crl.h"
#include "pki/digest.h"
#include "pki/ocsp.h"
#include "wire/certquery.h"

#include <stdio.h>
#include <stdlib.h>

#define LIFE_S        3600
#define HALF_S        (LIFE_S / 2)
#define CLOCK_S       300 /* clocks of those who check may be behind */
#define KEPT_BYTES    ((uint64_t)16 * 1024 * 1024)
#define ID_MAX        (2 * CERTID_HASH_MAX + CERTID_SERIAL_MAX + 2 + DIGEST_MAX)
#define KEPT_NAME_MAX (2 * ID_MAX + 1)

struct core_ocsp {
	struct filecache *kept;
	struct askbudget nonces, others;
};

/* One question on its way to its answer. */
struct question {
	struct core *core;
	struct certid_query query;
	const struct cert *issuer; /* who will sign */
	struct signer_cert_status status[CERTID_QUERY_MAX];
	bool has_unknown;
	time_t now;
};

struct core_ocsp *
core_ocsp_new(void)
{
	struct core_ocsp *o = mem_new(1, sizeof *o);

	o->kept = filecache_new(KEPT_BYTES);
	return o;
}

void
core_ocsp_free(struct core_ocsp *o)
{
	if (o == NULL)
		return;
	filecache_free(o->kept);
	free(o);
}

/* --- answers --- */

static void
reply_fault(struct core_front *to, uint32_t id, enum ocsp_fault fault)
{
	const struct answer a = { .kind = ASK_OCSP, .id = id, .code = (uint16_t)fault };

	core_reply(to, &a, -1);
}

static void
reply(struct core_front *to, uint32_t id, struct span der, time_t good_for)
{
	const struct answer a = {
		.kind = ASK_OCSP, .id = id, .ok = true, .data = der, .ttl = (uint32_t)good_for
	};

	core_reply(to, &a, -1);
}

static void
reply_failed(struct core_front *to, const struct ask *ask, const struct err *e)
{
	if (logbudget_take(&to->core->strangers, core_now()))
		log_event(LOG_ERROR, "ocsp-failed peer=%.*s reason=\"%s\"", (int)ask->peer.n,
		    (const char *)ask->peer.p, e->text);
	reply_fault(to, ask->id, OCSP_FAULT_INTERNAL);
}

/* --- what there is to say --- */

/* The certificate of an issuer may be another one by now; its key is what signed. */
static bool
has_issued(const struct cert *issuer, struct span recorded, bool *out, struct err *e)
{
	struct cert *c;

	*out = recorded.n == 0;
	if (*out)
		return true;
	c = cert_parse(recorded, e);
	if (c == NULL)
		return false;
	*out = span_eq(cert_key_id(c), cert_key_id(issuer));
	cert_free(c);
	return true;
}

static bool
judge(const struct cert *issuer, const struct store_lsc_verdict *v, struct signer_cert_status *s,
    struct err *e)
{
	bool is_ours;

	if (!has_issued(issuer, bytes_span(&v->issuer), &is_ours, e))
		return false;
	if (!is_ours)
		return true;
	s->state = v->revoked_at > 0 ? SIGNER_CERT_REVOKED : SIGNER_CERT_GOOD;
	s->at = v->revoked_at;
	if (!crl_reason_from_name(v->reason, &s->reason))
		s->reason = 0;
	return true;
}

static bool
look_up(struct question *q, const struct certid *id, struct signer_cert_status *s, struct err *e)
{
	struct store_lsc_verdict v;
	char *serial;
	bool ok, found;

	*s = (struct signer_cert_status){ .id = *id, .state = SIGNER_CERT_UNKNOWN };
	if (!ocsp_is_issuer(q->issuer, id))
		return true;
	serial = text_hex(id->serial);
	ok = store_lsc_verdict(cluster_store(q->core->cluster), serial, &v, &found, e);
	free(serial);
	if (!ok)
		return false;
	ok = !found || judge(q->issuer, &v, s, e);
	bytes_free(&v.issuer);
	return ok;
}

static bool
look_all_up(struct question *q, struct err *e)
{
	for (size_t i = 0; i < q->query.count; i++) {
		if (!look_up(q, &q->query.id[i], &q->status[i], e))
			return false;
		if (q->status[i].state == SIGNER_CERT_UNKNOWN)
			q->has_unknown = true;
	}
	return true;
}

static bool
make(struct question *q, struct span nonce, struct bytes *der, struct err *e)
{
	const struct signer_ocsp what = { .this_update = q->now - CLOCK_S,
		.next_update = q->now + LIFE_S,
		.nonce = nonce,
		.status = q->status,
		.count = q->query.count };

	return signer_ocsp(cluster_signer(q->core->cluster), cert_key_id(q->issuer),
	    cert_der(q->issuer), &what, der, e);
}

/* --- what is kept --- */

/* The same issuer may have another certificate since, which the answer is to bring. */
static bool
key_of(struct question *q, char name[KEPT_NAME_MAX], struct filecache_key *key, struct err *e)
{
	struct wr w = wr_new(ID_MAX);
	int64_t number;
	char *hex;

	if (!store_revocations_number(cluster_store(q->core->cluster), &number, e) ||
	    !certquery_encode_id(&q->query.id[0], &w, e)) {
		wr_free(&w);
		return false;
	}
	wr_span(&w, cert_sha256(q->issuer));
	hex = text_hex(wr_view(&w));
	snprintf(name, KEPT_NAME_MAX, "%s", hex);
	free(hex);
	wr_free(&w);
	*key = (struct filecache_key){ .name = name, .generation = (uint64_t)number };
	return true;
}

/* How long a kept one is good for yet; 0: there is none. */
static time_t
find_kept(struct question *q, const struct filecache_key *key, struct filecache_copy *copy)
{
	time_t made;

	if (!filecache_find(q->core->ocsp->kept, key, copy))
		return 0;
	made = (time_t)copy->facts.modified;
	return q->now >= made && q->now - made < HALF_S ? made + HALF_S - q->now : 0;
}

/* --- questions --- */

static void
answer_with_nonce(struct core_front *from, const struct ask *ask, struct question *q)
{
	struct err e = { 0 };
	struct bytes der;

	if (!look_all_up(q, &e) || !make(q, q->query.nonce, &der, &e)) {
		reply_failed(from, ask, &e);
		return;
	}
	reply(from, ask->id, bytes_span(&der), 0);
	bytes_free(&der);
}

/* Several at once, or one that was never issued. */
static void
answer_once(struct core_front *from, const struct ask *ask, struct question *q)
{
	struct err e = { 0 };
	struct bytes der;

	if (!askbudget_take(&q->core->ocsp->others, ask_host(ask->peer), q->now)) {
		reply_fault(from, ask->id, OCSP_FAULT_TRY_LATER);
	} else if (!make(q, (struct span){ 0 }, &der, &e)) {
		reply_failed(from, ask, &e);
	} else {
		reply(from, ask->id, bytes_span(&der), q->has_unknown ? 0 : HALF_S);
		bytes_free(&der);
	}
}

static void
answer_and_keep(struct core_front *from, const struct ask *ask, struct question *q,
    const struct filecache_key *key)
{
	const struct filecache_facts facts = { .modified = (uint64_t)q->now };
	struct filecache_copy copy;
	struct err e = { 0 };
	struct bytes der;

	if (!make(q, (struct span){ 0 }, &der, &e) ||
	    !filecache_keep(q->core->ocsp->kept, key, q->now, &der, &facts, &copy, &e))
		reply_failed(from, ask, &e);
	else
		reply(from, ask->id, copy.data, HALF_S);
}

static void
answer_one(struct core_front *from, const struct ask *ask, struct question *q)
{
	char name[KEPT_NAME_MAX];
	struct filecache_key key;
	struct filecache_copy copy;
	struct err e = { 0 };
	time_t good_for;

	if (!key_of(q, name, &key, &e)) {
		reply_failed(from, ask, &e);
		return;
	}
	good_for = find_kept(q, &key, &copy);
	if (good_for > 0)
		reply(from, ask->id, copy.data, good_for);
	else if (!look_all_up(q, &e))
		reply_failed(from, ask, &e);
	else if (q->has_unknown)
		answer_once(from, ask, q);
	else
		answer_and_keep(from, ask, q, &key);
}

static void
answer_several(struct core_front *from, const struct ask *ask, struct question *q)
{
	struct err e = { 0 };

	if (look_all_up(q, &e))
		answer_once(from, ask, q);
	else
		reply_failed(from, ask, &e);
}

void
core_ocsp_ask(struct core_front *from, const struct ask *ask)
{
	struct question q = { .core = from->core, .now = core_now() };
	struct err e = { 0 };

	if (!certquery_parse(ask->certificate, &q.query, &e)) {
		reply_failed(from, ask, &e);
		return;
	}
	for (size_t i = 0; i < q.query.count && q.issuer == NULL; i++)
		q.issuer = cluster_ocsp_issuer(q.core->cluster, &q.query.id[i]);
	if (q.issuer == NULL)
		reply_fault(from, ask->id, OCSP_FAULT_UNAUTHORIZED);
	else if (q.query.nonce.n > 0 &&
		 askbudget_take(&q.core->ocsp->nonces, ask_host(ask->peer), q.now))
		answer_with_nonce(from, ask, &q);
	else if (q.query.count == 1)
		answer_one(from, ask, &q);
	else
		answer_several(from, ask, &q);
}
