#include "rules/ctl_build.h"

#include "rules/signedfile.h"
#include "wire/trustlist.h"

#include <assert.h>
#include <string.h>

/* SAST of both own keys, CAPF; two of each node. */
#define RECORDS_MAX (CTL_BUILD_TOKENS_MAX + 3 + 2 * TRUSTLIST_BUILD_NODES_MAX)

/* files.md 1.2: whatever name the list is served under. */
static const char list_filename[] = "CTLFile.tlv";

/* files.md 1.4, the styles. */
static const uint8_t full_style[] = { TRUSTLIST_RECORD_LENGTH, TRUSTLIST_DNS_NAME,
	TRUSTLIST_SUBJECT, TRUSTLIST_FUNCTION, TRUSTLIST_ISSUER, TRUSTLIST_SERIAL,
	TRUSTLIST_PUBLIC_KEY, TRUSTLIST_SIGNATURE, TRUSTLIST_CERTIFICATE, TRUSTLIST_IP_ADDRESS };
static const uint8_t token_style[] = { TRUSTLIST_RECORD_LENGTH, TRUSTLIST_DNS_NAME,
	TRUSTLIST_SUBJECT, TRUSTLIST_FUNCTION, TRUSTLIST_ISSUER, TRUSTLIST_SERIAL,
	TRUSTLIST_PUBLIC_KEY, TRUSTLIST_CERTIFICATE, TRUSTLIST_IP_ADDRESS };
static const uint8_t bare_style[] = { TRUSTLIST_RECORD_LENGTH, TRUSTLIST_DNS_NAME,
	TRUSTLIST_FUNCTION, TRUSTLIST_IP_ADDRESS };

/* A token stands on no node: files.md 1.4, an empty DNSNAME of a CTL is one byte, and the address
 * is 0.0.0.0 (tests/vectors, cucm-04). */
static const struct ctl_node no_node = { .host = "" };

const struct cert *
ctl_plan_signer(const struct ctl_plan *p)
{
	if (p->token_count > 0)
		return p->token[0];
	return generation_signer(p->generation, p->other_signer) == PURPOSE_ITLRECOVERY
		   ? p->itlrecovery
		   : p->callmanager;
}

static struct trustlist_record *
record_next(struct trustlist *list)
{
	assert(list->count < RECORDS_MAX);
	return &list->records[list->count++];
}

static void
record_make(enum function function, const struct ctl_node *node, const uint8_t *style, size_t n,
    struct trustlist_record *out)
{
	*out = (struct trustlist_record){
		.function = (uint16_t)function,
		.dns_name = span_of(node->host, strlen(node->host) + 1),
		.ip_address = span_of(node->ip, sizeof node->ip),
		.order_count = n,
	};
	memcpy(out->order, style, n);
}

static struct trustlist_record *
record_add(struct trustlist *list, enum function function, const struct ctl_node *node,
    const uint8_t *style, size_t n)
{
	struct trustlist_record *r = record_next(list);

	record_make(function, node, style, n, r);
	return r;
}

static void
record_certify(struct trustlist_record *r, const struct cert *c)
{
	r->subject = span_str(cert_subject_cucm(c));
	r->issuer = span_str(cert_issuer_cucm(c));
	r->serial = cert_serial(c);
	r->public_key = cert_public_key(c);
	r->signature = cert_signature(c);
	r->certificate = cert_der(c);
}

void
ctl_build_record(enum function function, const struct ctl_node *node, const struct cert *c,
    struct trustlist_record *out)
{
	record_make(function, node != NULL ? node : &no_node, full_style, sizeof full_style, out);
	record_certify(out, c);
}

static void
full_add(struct trustlist *list, enum function function, const struct ctl_node *node,
    const struct cert *c)
{
	ctl_build_record(function, node, c, record_next(list));
}

/* files.md 1.8, the table of SAST records: G10 is 11.5, G12 is 12.0. */
static void
sast_add(const struct ctl_plan *p, struct trustlist *list)
{
	const struct ctl_node *publisher = &p->node[0];
	bool is_g12 = p->generation == GENERATION_G12;

	for (size_t i = 0; i < p->token_count; i++)
		record_certify(
		    record_add(list, FUNCTION_SAST, &no_node, token_style, sizeof token_style),
		    p->token[i]);
	if (p->token_count == 0 && !is_g12)
		full_add(list, FUNCTION_SAST, publisher, p->callmanager);
	full_add(list, FUNCTION_SAST, publisher, p->itlrecovery);
	if (is_g12)
		full_add(list, FUNCTION_SAST, publisher, p->callmanager);
}

/* certificates.md: the record of the EC certificate is TFTP, as in an ITL. */
static void
node_add(const struct ctl_plan *p, struct trustlist *list, const struct ctl_node *node)
{
	if (p->non_secure) {
		(void)record_add(list, FUNCTION_CCM_TFTP, node, bare_style, sizeof bare_style);
		return;
	}
	full_add(list, FUNCTION_CCM_TFTP, node, node->callmanager);
	if (node->callmanager_ec != NULL)
		full_add(list, FUNCTION_TFTP, node, node->callmanager_ec);
}

static void
records_add(const struct ctl_plan *p, struct trustlist *list)
{
	sast_add(p, list);
	node_add(p, list, &p->node[0]);
	if (p->capf != NULL)
		full_add(list, FUNCTION_CAPF, &p->node[0], p->capf);
	for (size_t i = 1; i < p->node_count; i++)
		node_add(p, list, &p->node[i]);
}

bool
ctl_build(const struct ctl_plan *p, struct bytes *out, struct err *e)
{
	const struct signedfile_head head = { .signer = ctl_plan_signer(p),
		.names = SIGNEDFILE_CUCM,
		.filename = list_filename,
		.digest = p->digest,
		.timestamp = p->timestamp };
	struct trustlist_record records[RECORDS_MAX];
	struct trustlist list = { .records = records };

	assert(p->node_count >= 1 && p->node_count <= TRUSTLIST_BUILD_NODES_MAX);
	assert(p->token_count <= CTL_BUILD_TOKENS_MAX);
	if (!trustlist_build_header(&head, &list.env, e))
		return err_in(e, "CTL");
	records_add(p, &list);
	return trustlist_build_encode(&list, out, e) || err_in(e, "CTL");
}
