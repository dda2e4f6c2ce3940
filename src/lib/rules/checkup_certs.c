#include "rules/checkup_internal.h"

#include "base/text.h"
#include "rules/usage.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY           86400
#define RSA_BITS_GOOD 2048 /* fewer are weak, more are too many for some phones */
#define ADDRESS_MAX   64

static const enum checkup_kind key_kinds[] = {
	[CHECKUP_KEY_GONE] = CHECKUP_KEY_MISSING,
	[CHECKUP_KEY_BAD] = CHECKUP_KEY_UNUSABLE,
	[CHECKUP_KEY_FOREIGN] = CHECKUP_KEY_OTHER_PURPOSE,
};

static void
judge_key(const struct checkup_run *r, const struct checkup_own *o, const char *where)
{
	unsigned bits = cert_key_bits(o->cert);

	if (o->key != CHECKUP_KEY_GOOD)
		checkup_find(r, key_kinds[o->key], where, "%s", o->key_reason);
	if (cert_is_rsa(o->cert) && bits < RSA_BITS_GOOD)
		checkup_find(r, CHECKUP_KEY_WEAK, where, "its key is RSA of %u bits", bits);
	if (cert_is_rsa(o->cert) && bits > RSA_BITS_GOOD)
		checkup_find(r, CHECKUP_KEY_TOO_LARGE, where, "its key is RSA of %u bits", bits);
}

static void
judge_dates(const struct checkup_run *r, const struct cert *c, const char *where)
{
	time_t now = r->c->now, end = cert_not_after(c);

	if (cert_not_before(c) > now)
		checkup_find(r, CHECKUP_CERT_NOT_YET_VALID, where, "it begins in %lld days",
		    (long long)((cert_not_before(c) - now + DAY - 1) / DAY));
	if (end < now)
		checkup_find(r, CHECKUP_CERT_EXPIRED, where, "it ended %lld days ago",
		    (long long)((now - end) / DAY));
	else if (end - now < CHECKUP_SOON_DAYS * (time_t)DAY)
		checkup_find(r, CHECKUP_CERT_EXPIRES_SOON, where, "it ends in %lld days",
		    (long long)((end - now) / DAY));
}

/* Of TLS servers that phones find by name or address; the others' names are labels. */
static bool
is_server(enum purpose p)
{
	return p == PURPOSE_CALLMANAGER || p == PURPOSE_TVS || p == PURPOSE_WEB;
}

static void
judge_names(const struct checkup_run *r, const struct cert *c, const char *where)
{
	char address[ADDRESS_MAX];

	if (!cert_names_host(c, r->c->node))
		checkup_find(r, CHECKUP_HOST_NOT_NAMED, where,
		    "the node's name %s is not among its names (%s)", r->c->node,
		    cert_common_name(c));
	for (const char *a = r->c->addresses; *a != '\0';) {
		size_t n = strcspn(a, " ");

		snprintf(address, sizeof address, "%.*s", (int)n, a);
		if (n > 0 && !cert_names_address(c, address))
			checkup_find(r, CHECKUP_ADDRESS_NOT_NAMED, where,
			    "the node's address %s is not among its names", address);
		a += n;
		a += strspn(a, " ");
	}
}

static bool
has_active(const struct checkup *c, enum purpose p)
{
	for (size_t i = 0; i < c->own_count; i++)
		if (c->own[i].active && c->own[i].purpose == p &&
		    strcmp(c->own[i].node, c->node) == 0)
			return true;
	return false;
}

static void
judge_missing(const struct checkup_run *r)
{
	char where[CHECKUP_WHERE_MAX];

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		if (has_active(r->c, (enum purpose)p) ||
		    (p == PURPOSE_CAPF_ISSUER && !r->c->needs_issuer))
			continue;
		snprintf(where, sizeof where, "%s, %s", r->c->node, purpose_name((enum purpose)p));
		checkup_find(r, CHECKUP_CERT_MISSING, where, "there is no active certificate");
	}
}

/* Of those that are no more in use, bridges need what signs lists. */
static void
judge_other_key(const struct checkup_run *r, const struct checkup_own *o, const char *where)
{
	if (o->cert == NULL || o->given_up || o->key == CHECKUP_KEY_GOOD ||
	    o->key_reason[0] == '\0') /* none was looked at */
		return;
	if (o->staged)
		checkup_find(r, CHECKUP_KEY_ANNOUNCED_MISSING, where, "%s", o->key_reason);
	else if (usage_allows(o->purpose, USAGE_SIGN_LIST))
		checkup_find(r, CHECKUP_KEY_RETIRED_MISSING, where, "%s", o->key_reason);
}

void
checkup_certs(const struct checkup_run *r)
{
	char where[CHECKUP_WHERE_MAX];

	judge_missing(r);
	for (size_t i = 0; i < r->c->own_count; i++) {
		const struct checkup_own *o = &r->c->own[i];
		struct checkup_run of = *r;

		of.purpose = purpose_name(o->purpose);
		snprintf(where, sizeof where, "%s, %s", o->node, purpose_name(o->purpose));
		if (!o->active) {
			judge_other_key(&of, o, where);
			continue;
		}
		if (o->cert == NULL) {
			checkup_find(r, CHECKUP_CERT_UNREADABLE, where,
			    "what the database holds is no certificate");
			continue;
		}
		judge_key(&of, o, where);
		judge_dates(&of, o->cert, where);
		if (is_server(o->purpose) && strcmp(o->node, r->c->node) == 0)
			judge_names(&of, o->cert, where);
	}
}

/* --- trust stores --- */

static bool
is_in_capf_trust(const struct checkup *c, struct span sha256)
{
	for (size_t i = 0; i < c->trusted_count; i++)
		if (c->trusted[i].store == TRUST_CAPF && c->trusted[i].cert != NULL &&
		    span_eq(cert_sha256(c->trusted[i].cert), sha256))
			return true;
	return false;
}

static void
judge_trusted(const struct checkup_run *r, const struct checkup_trusted *t)
{
	const char *where = trust_store_name(t->store);
	struct checkup_run of = *r;
	time_t end;
	char *hex;

	if (t->cert == NULL) {
		checkup_find(
		    r, CHECKUP_CERT_UNREADABLE, where, "one of its rows holds no certificate");
		return;
	}
	end = cert_not_after(t->cert);
	if (end - r->c->now >= CHECKUP_SOON_DAYS * (time_t)DAY)
		return;
	hex = text_hex(cert_sha256(t->cert));
	of.store = where;
	of.sha256 = hex;
	if (end < r->c->now)
		checkup_find(&of, CHECKUP_TRUST_EXPIRED, where,
		    "%.200s ended %lld days ago; SHA-256 %s", cert_subject_cucm(t->cert),
		    (long long)((r->c->now - end) / DAY), hex);
	else
		checkup_find(&of, CHECKUP_TRUST_EXPIRES_SOON, where,
		    "%.200s ends in %lld days; SHA-256 %s", cert_subject_cucm(t->cert),
		    (long long)((end - r->c->now) / DAY), hex);
	free(hex);
}

static const struct cert *
nth_cert(const struct checkup *c, size_t i)
{
	if (i >= c->own_count)
		return c->trusted[i - c->own_count].cert;
	return c->own[i].active ? c->own[i].cert : NULL;
}

static bool
are_alike(const struct cert *a, const struct cert *b)
{
	return span_eq(cert_serial(a), cert_serial(b)) &&
	       strcmp(cert_issuer_cucm(a), cert_issuer_cucm(b)) == 0 &&
	       !span_eq(cert_der(a), cert_der(b));
}

static void
judge_serials(const struct checkup_run *r)
{
	size_t count = r->c->own_count + r->c->trusted_count;

	for (size_t i = 0; i < count; i++) {
		const struct cert *a = nth_cert(r->c, i);

		for (size_t j = i + 1; a != NULL && j < count; j++) {
			const struct cert *b = nth_cert(r->c, j);
			char *serial;

			if (b == NULL || !are_alike(a, b))
				continue;
			serial = text_hex(cert_serial(a));
			checkup_find(r, CHECKUP_SERIAL_REPEATED, "TVS",
			    "%.150s and %.150s have the same issuer and the serial %s",
			    cert_subject_cucm(a), cert_subject_cucm(b), serial);
			free(serial);
		}
	}
}

static void
judge_own_issuer(const struct checkup_run *r, const struct checkup_own *o)
{
	struct checkup_run of = *r;

	if (!o->active || o->cert == NULL || !usage_allows(o->purpose, USAGE_ISSUE) ||
	    is_in_capf_trust(r->c, cert_sha256(o->cert)))
		return;
	of.purpose = purpose_name(o->purpose);
	checkup_find(&of, CHECKUP_CAPF_NOT_TRUSTED, trust_store_name(TRUST_CAPF),
	    "the %s certificate is not in it", of.purpose);
}

void
checkup_trust(const struct checkup_run *r)
{
	const struct checkup *c = r->c;

	judge_serials(r);
	for (size_t i = 0; i < c->trusted_count; i++)
		judge_trusted(r, &c->trusted[i]);
	for (size_t i = 0; i < c->own_count; i++)
		judge_own_issuer(r, &c->own[i]);
	for (size_t i = 0; i < c->issuer_count; i++)
		if (c->issuer[i].live > 0 && !is_in_capf_trust(c, c->issuer[i].sha256))
			checkup_find(r, CHECKUP_LSC_ISSUER_NOT_TRUSTED,
			    trust_store_name(TRUST_CAPF),
			    "%.200s signed %zu LSCs that phones may hold, and is not in it",
			    c->issuer[i].subject, c->issuer[i].live);
}
