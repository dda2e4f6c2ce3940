#include "cluster/cluster_internal.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/cluster_above.h"
#include "cluster/cluster_import.h"
#include "pki/csr.h"
#include "pki/ocsp.h"
#include "rules/signedcert.h"
#include "rules/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_S      60 /* validity of the certificate that a new issuer is tried with */
#define CRL_ID_BYTES 8
#define PROBE_DEVICE "SEP000000000000"

struct import {
	struct cluster *cluster;
	struct cluster_change how;
	enum purpose purpose;
	struct chain chain; /* of loans: own first, root last */
	time_t now;
};

/* As Unified CM; it has a tomcat-trust for web's, here what HTTPS servers show stands in
 * phone-trust. */
static const enum trust_store store_above[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = TRUST_CALLMANAGER,
	[PURPOSE_CALLMANAGER_EC] = TRUST_CALLMANAGER,
	[PURPOSE_TVS] = TRUST_TVS,
	[PURPOSE_CAPF] = TRUST_CAPF,
	[PURPOSE_WEB] = TRUST_PHONE,
	[PURPOSE_CAPF_ISSUER] = TRUST_CAPF,
};

static const struct cert *
active(const struct cluster *c, enum purpose p, struct err *e)
{
	if (c->picture->cert[p] == NULL)
		err_set(e, ERR_UNKNOWN, "there is no %s yet: [capf] lsc-issuer = own makes it",
		    purpose_name(p));
	else
		return c->picture->cert[p];
	return NULL;
}

/* As Unified CM: CAPF's, its issuer's, TVS's and the recovery key's are of one server each. */
static bool
may_name_all(enum purpose p)
{
	return p == PURPOSE_CALLMANAGER || p == PURPOSE_CALLMANAGER_EC || p == PURPOSE_WEB;
}

struct names {
	const char *name[CLUSTER_NAMES_MAX];
	struct store_node *node; /* what some of them are loans from */
	size_t count, nodes;
};

static bool
on_node(void *arg, const struct store_node *n)
{
	struct names *all = arg;

	if (all->nodes == CLUSTER_NAMES_MAX)
		return false;
	all->node[all->nodes++] = *n;
	return true;
}

static bool
collect(const struct cluster *c, const struct cluster_csr *what, struct names *all, struct err *e)
{
	if (what->all_nodes && !store_node_each(c->store, on_node, all, e))
		return false;
	for (size_t i = 0; i < all->nodes; i++)
		all->name[all->count++] = all->node[i].name;
	for (size_t i = 0; i < what->count; i++) {
		if (all->count == CLUSTER_NAMES_MAX)
			return err_set(
			    e, ERR_LIMIT, "more than %d alternative names", CLUSTER_NAMES_MAX);
		all->name[all->count++] = what->name[i];
	}
	return true;
}

bool
cluster_csr(
    const struct cluster *c, const struct cluster_csr *what, struct bytes *pem, struct err *e)
{
	const struct cert *cert = active(c, what->purpose, e);
	struct names all = { 0 };
	struct bytes like = { 0 };
	bool ok;

	if (cert == NULL || !signedcert_may(what->purpose, e))
		return false;
	if (what->all_nodes && !may_name_all(what->purpose))
		return err_set(e, ERR_REFUSED,
		    "%s: is of one server; multi-san is for callmanager, callmanager-ec and web",
		    purpose_name(what->purpose));
	all.node = mem_new(CLUSTER_NAMES_MAX, sizeof *all.node);
	ok = collect(c, what, &all, e) && csr_like(cert, all.name, all.count, &like, e) &&
	     signer_csr(c->signer, cert_key_id(cert),
		 all.count > 0 ? bytes_span(&like) : cert_der(cert), pem, e);
	bytes_free(&like);
	free(all.node);
	return ok;
}

static const struct cert *
find_own(const struct chain *given, const struct cert *now, struct err *e)
{
	for (size_t i = 0; i < given->count; i++) {
		if (!span_eq(cert_key_id(given->cert[i]), cert_key_id(now)))
			continue;
		if (!span_eq(cert_der(given->cert[i]), cert_der(now)))
			return given->cert[i];
		err_set(e, ERR_CONFLICT, "%s is the active certificate already",
		    cert_subject_cucm(now));
		return NULL;
	}
	err_set(e, ERR_REFUSED,
	    "none of the %zu certificates is for the key of %s: it is for the request that cert "
	    "csr makes now",
	    given->count, cert_subject_cucm(now));
	return NULL;
}

/* From the own one to the root, out of what was given and what is trusted already. */
static bool
climb(struct import *im, const struct chain *given, const struct cert *own, struct err *e)
{
	const struct picture *p = im->cluster->picture;
	const struct cert *at = own;

	while (at != NULL) {
		const struct cert *next;

		if (!chain_add(&im->chain, at))
			return err_set(
			    e, ERR_LIMIT, "the chain has more than %d certificates", CHAIN_MAX);
		if (cert_is_issued_by(at, at, NULL))
			return true;
		next = chain_issuer(at, given->cert, given->count);
		if (next == NULL)
			next = chain_issuer(at, p->trusted, p->trusted_count);
		if (next == NULL)
			return err_set(e, ERR_REFUSED,
			    "the certificate of the CA %s, which signed %s, is missing: put it "
			    "into "
			    "the file",
			    cert_issuer_cucm(at), cert_subject_cucm(at));
		at = next;
	}
	return true;
}

static bool
is_in_chain(const struct import *im, const struct cert *c)
{
	for (size_t i = 0; i < im->chain.count; i++)
		if (span_eq(cert_der(im->chain.cert[i]), cert_der(c)))
			return true;
	return false;
}

static bool
no_strangers(const struct import *im, const struct chain *given, struct err *e)
{
	for (size_t i = 0; i < given->count; i++)
		if (!is_in_chain(im, given->cert[i]))
			return err_set(e, ERR_REFUSED, "%s does not belong to the chain of %s",
			    cert_subject_cucm(given->cert[i]),
			    cert_subject_cucm(im->chain.cert[0]));
	return true;
}

/* An LSC is made and judged as those that check LSCs will: that finds a CA that may sign none. */
static bool
prove(const struct import *im, struct err *e)
{
	const struct cert *own = im->chain.cert[0];
	const struct signer_lsc probe = { .device = PROBE_DEVICE,
		.spki = cert_spki(own),
		.not_before = im->now - PROBE_S,
		.not_after = im->now + PROBE_S };
	struct cert *lsc;
	struct bytes der;
	bool ok;

	if (!signer_issue(im->cluster->signer, cert_key_id(own), cert_der(own), &probe, &der, e))
		return false;
	lsc = cert_parse(bytes_span(&der), e);
	bytes_free(&der);
	ok = lsc != NULL && (chain_verify_lsc(lsc, &im->chain, im->now, e) ||
				err_in(e, "an LSC below it would not be taken"));
	cert_free(lsc);
	return ok;
}

/* What is wrong with a CA above may be anywhere in the chain: OpenSSL names it. */
static bool
fits(const struct import *im, const struct cert *before, struct err *e)
{
	const struct cert *own = im->chain.cert[0];
	const struct certusage usage = certusage_of(own);

	if (!signedcert_usages(im->purpose, &usage, cert_is_rsa(own), e) ||
	    !signedcert_names(im->purpose, own, before, im->cluster->picture->node.name, e))
		return false;
	for (size_t i = 1; i + 1 < im->chain.count; i++)
		if (certusage_of(im->chain.cert[i]).signature == CERTUSAGE_WEAK)
			return err_set(e, ERR_REFUSED,
			    "the CA %s is signed with MD5 or SHA-1, which TLS clients do not take "
			    "any more",
			    cert_subject_cucm(im->chain.cert[i]));
	return usage_allows(im->purpose, USAGE_ISSUE) ? prove(im, e)
						      : chain_verify(own, &im->chain, im->now, e);
}

static bool
apply_import(struct store *s, void *arg, struct err *e)
{
	struct import *im = arg;
	const struct cert *own = im->chain.cert[0];

	if (!cluster_cert_activate(s, im->cluster->picture->node.id, im->purpose, own, im->now, e))
		return false;
	for (size_t i = 1; i < im->chain.count; i++)
		if (!cluster_above_add(s, store_above[im->purpose], im->chain.cert[i], im->now, e))
			return false;
	return cluster_event(s, &im->how, "certificate-imported", purpose_name(im->purpose),
	    cert_subject_cucm(own), e);
}

bool
cluster_import(
    struct cluster *c, enum purpose p, const struct chain *given, time_t now, struct err *e)
{
	struct import im = { .cluster = c, .purpose = p, .now = now };
	const struct cert *before, *own;
	bool ok;

	before = signedcert_may(p, e) ? active(c, p, e) : NULL;
	own = before != NULL ? find_own(given, before, e) : NULL;
	if (own == NULL)
		return false;
	im.how = (struct cluster_change){ apply_import, &im, now, "cluster", false, NULL };
	ok = climb(&im, given, own, e) && no_strangers(&im, given, e) && fits(&im, before, e) &&
	     cluster_change(c, &im.how, e);
	chain_free(&im.chain);
	return ok;
}

void
cluster_chain(const struct cluster *c, enum purpose p, struct chain *out)
{
	const struct cert *at = c->picture->cert[p];

	*out = (struct chain){ 0 };
	while (at != NULL && chain_add(out, at) && !cert_is_issued_by(at, at, NULL))
		at = chain_issuer(at, c->picture->trusted, c->picture->trusted_count);
}

/* Its own certificate is not one of those above. */
static bool
chain_has(const struct cluster *c, enum purpose p, struct span sha256)
{
	struct chain chain;
	bool has = false;

	cluster_chain(c, p, &chain);
	for (size_t i = 1; i < chain.count; i++)
		has = has || span_eq(cert_sha256(chain.cert[i]), sha256);
	chain_free(&chain);
	return has;
}

bool
cluster_chain_has(
    const struct cluster *c, enum trust_store store, struct span sha256, enum purpose *out)
{
	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (store == store_above[p] && p != PURPOSE_ITLRECOVERY &&
		    chain_has(c, (enum purpose)p, sha256)) {
			*out = (enum purpose)p;
			return true;
		}
	return false;
}

void
cluster_crl_name(const struct cert *issuer, char out[CLUSTER_CRL_NAME_MAX])
{
	char *hex = text_hex(span_of(cert_key_id(issuer).p, CRL_ID_BYTES));

	snprintf(out, CLUSTER_CRL_NAME_MAX, "capf-%s.crl", hex);
	free(hex);
}

/* Of several certificates for one key the newest stands last. */
const struct cert *
cluster_crl_issuer(const struct cluster *c, const char *name)
{
	const struct picture *p = c->picture;
	char its[CLUSTER_CRL_NAME_MAX];

	if (strcmp(name, "capf.crl") == 0)
		return cluster_issuer(c);
	for (size_t i = p->capf_trust_count; i > 0; i--) {
		cluster_crl_name(p->capf_trust[i - 1], its);
		if (strcmp(its, name) == 0 &&
		    signer_has(c->signer, cert_key_id(p->capf_trust[i - 1]), NULL))
			return p->capf_trust[i - 1];
	}
	return NULL;
}

const struct cert *
cluster_ocsp_issuer(const struct cluster *c, const struct certid *id)
{
	const struct picture *p = c->picture;

	for (size_t i = p->capf_trust_count; i > 0; i--)
		if (ocsp_is_issuer(p->capf_trust[i - 1], id) &&
		    signer_has(c->signer, cert_key_id(p->capf_trust[i - 1]), NULL))
			return p->capf_trust[i - 1];
	return NULL;
}
